import { spawnSync } from 'node:child_process';

/** The version that a program prints, or undefined where it is not on PATH. */
export function programVersion(program: string): string | undefined {
  const { error, stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  if (error) return undefined;
  const version = /\d+\.\d+(\.\d+)?/;
  // Debian's VictoriaMetrics does not know its own.
  const ofPackage = () => spawnSync('dpkg-query', ['-W', program], { encoding: 'utf8' }).stdout ?? '';
  return (version.exec(`${stdout}${stderr}`) ?? version.exec(ofPackage()))?.[0] ?? '';
}

export function missingProgram(program: string, debianPackage = program): string | undefined {
  if (programVersion(program) !== undefined) return undefined;
  return `the command "${program}" is not on PATH (Debian: apt-get install ${debianPackage})`;
}
