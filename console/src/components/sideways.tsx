import { type CSSProperties, type ReactNode, useEffect, useRef, useState } from 'react';

interface SidewaysProps {
  className?: string | undefined;
  style?: CSSProperties;
  children: ReactNode;
}

/** What may be wider than the window and then scrolls sideways, by the keyboard as well. */
export function Sideways({ className, style, children }: SidewaysProps) {
  const box = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const element = box.current!;
    const measure = () => setScrolls(element.scrollWidth > element.clientWidth + 1);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    const contents = new MutationObserver(measure);
    contents.observe(element, { childList: true, subtree: true });
    return () => {
      observer.disconnect();
      contents.disconnect();
    };
  }, []);
  return (
    <div ref={box} className={className} style={style} tabIndex={scrolls ? 0 : undefined}>
      {children}
    </div>
  );
}
