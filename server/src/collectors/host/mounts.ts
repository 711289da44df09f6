/**
 * File systems that hold data of this machine. Left out: what lives in memory, images that are full by nature
 * (squashfs, iso9660), and network or user-space ones, where asking for the size can hang for minutes.
 */
const REAL_FILE_SYSTEMS = new Set(
  'ext2 ext3 ext4 xfs btrfs zfs f2fs jfs reiserfs bcachefs ntfs ntfs3 fuseblk vfat exfat hfsplus ufs apfs'.split(' '),
);

/**
 * Mount points worth watching in the text of /proc/self/mounts. Each device once, at its shortest path (bind mounts
 * and subvolumes show the same figures); `/` always, so that a container's overlay root is seen.
 */
export function parseMounts(text: string): string[] {
  const byDevice = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [device = '', path = '', type = ''] = line.split(' ').map(unescapeMount);
    if (!path.startsWith('/') || !(path === '/' || REAL_FILE_SYSTEMS.has(type)) || type === 'rootfs') continue;
    const known = byDevice.get(device);
    if (known === undefined || path.length < known.length) byDevice.set(device, path);
  }
  return [...new Set(byDevice.values())].sort();
}

/** Space, tab, newline and backslash stand as three octal digits. */
function unescapeMount(word: string): string {
  return word.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
