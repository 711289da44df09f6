/** What a template takes its variables from. */
export interface TemplateMatch {
  /** Throws where there is no group of that name. */
  group(name: string | number): string | undefined;
  readonly groupCount: number;
}

const VARIABLE = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;

/**
 * Fills in `$1`, `${1}`, `$name` and `${name}` as Go's `Regexp.Expand` does: the longest possible name counts (`$1x` is
 * the group `1x`), an unknown group is empty, `$$` is a dollar sign, any other dollar sign stays.
 */
export function expandTemplate(template: string, match: TemplateMatch): string {
  if (!template.includes('$')) return template;
  return template.replace(VARIABLE, (whole, plain?: string, braced?: string) => {
    return whole === '$$' ? '$' : groupOf(match, plain ?? braced!);
  });
}

function groupOf(match: TemplateMatch, name: string): string {
  if (/^(?:0|[1-9]\d{0,8})$/.test(name)) {
    const number = Number(name);
    return number <= match.groupCount ? (match.group(number) ?? '') : '';
  }
  try {
    return match.group(name) ?? '';
  } catch {
    return '';
  }
}

/** True where `expandTemplate` could change the text. */
export function hasVariable(template: string): boolean {
  return template.includes('$');
}
