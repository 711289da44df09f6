import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** The one accent colour. */
const iris: MantineColorsTuple = [
  '#eef0ff',
  '#dfe2ff',
  '#c0c6ff',
  '#9da6fb',
  '#7f89f4',
  '#6a74ea',
  '#5860dd',
  '#4a52c4',
  '#3c439e',
  '#2d3376',
];

/** Greys with a little blue; Mantine takes dark surfaces from here. */
const dark: MantineColorsTuple = [
  '#d7dce5',
  '#aeb6c4',
  '#8f98a8',
  '#5b6475',
  '#343c4a',
  '#262d39',
  '#1a2029',
  '#141922',
  '#0e1218',
  '#090c11',
];

export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: 6,
  colors: { iris, dark },
  defaultRadius: 'sm',
  radius: { xs: '3px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: { fontWeight: '600' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true, fz: 'xs' } },
    Button: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    MultiSelect: { defaultProps: { size: 'xs' } },
    TagsInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
  },
});
