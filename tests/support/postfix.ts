import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';

const PROGRAM = '/usr/sbin/postfix';

/** Why postfix cannot be used here, or `undefined`. */
export function missingPostfix(): string | undefined {
  if (!existsSync(PROGRAM)) return 'postfix is not installed';
  return process.getuid?.() === 0 ? undefined : 'postfix is started by root alone';
}

export interface Postfix {
  /** `smtp://127.0.0.1:<port>?tls=off` */
  readonly url: string;
  /** What has arrived in the mailbox of everybody at `example.test`, parsed. */
  mails(): Promise<{ readonly mail: ParsedMail; readonly raw: string }[]>;
  stop(): void;
}

/** A private instance of Debian's postfix: its own folders, a free port of loopback, delivery into a Maildir. */
export async function startPostfix(): Promise<Postfix> {
  const folder = mkdtempSync(join(tmpdir(), 'postfix-'));
  chmodSync(folder, 0o755);
  const [config, queue, data, mailbox] = ['config', 'queue', 'data', 'mailbox'].map((name) => {
    const path = join(folder, name);
    mkdirSync(path);
    return path;
  }) as [string, string, string, string];
  execFileSync('chown', ['postfix:postfix', data]);
  execFileSync('chown', ['nobody', mailbox]);
  const port = await freePort();
  const uid = execFileSync('id', ['-u', 'nobody']).toString().trim();
  const gid = execFileSync('id', ['-g', 'nobody']).toString().trim();
  const settings = {
    compatibility_level: '3.6',
    queue_directory: queue,
    data_directory: data,
    myhostname: 'mail.example.test',
    mydestination: '',
    mynetworks: '127.0.0.0/8',
    inet_interfaces: 'loopback-only',
    inet_protocols: 'ipv4',
    virtual_mailbox_domains: 'example.test',
    virtual_mailbox_base: mailbox,
    virtual_mailbox_maps: 'static:all/',
    virtual_uid_maps: `static:${uid}`,
    virtual_gid_maps: `static:${gid}`,
    virtual_minimum_uid: '1',
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    smtpd_recipient_restrictions: `check_recipient_access inline:{gone@example.test=REJECT}, permit_mynetworks, reject`,
    access_map_reject_code: '550',
    default_transport: 'error:nothing leaves this machine',
    alias_maps: '',
    alias_database: '',
  };
  writeFileSync(
    join(config, 'main.cf'),
    Object.entries(settings)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  );
  const services = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'verify unix - - n - 1 verify',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'showq unix n - n - - showq',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'virtual unix - n n - - virtual',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
  ];
  writeFileSync(join(config, 'master.cf'), `${services.join('\n')}\n`);
  execFileSync(PROGRAM, ['-c', config, 'start'], { stdio: 'pipe' });
  const incoming = join(mailbox, 'all', 'new');
  return {
    url: `smtp://127.0.0.1:${port}?tls=off`,
    mails: async () => {
      if (!existsSync(incoming)) return [];
      const files = readdirSync(incoming).map((name) => readFileSync(join(incoming, name)));
      return Promise.all(files.map(async (bytes) => ({ mail: await simpleParser(bytes), raw: bytes.toString() })));
    },
    stop: () => {
      execFileSync(PROGRAM, ['-c', config, 'stop'], { stdio: 'pipe' });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
