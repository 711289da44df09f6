/** True for a name that a label can bear: UTF-8 of any kind, not empty. */
export function isLabelName(name: string): boolean {
  return name !== '' && !name.includes('\ufffd') && name.isWellFormed();
}
