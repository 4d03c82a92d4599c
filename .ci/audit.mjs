/**
 * `npm audit` with three outcomes instead of two: clean (0), findings (1), and not asked, because the registry's advisory
 * endpoint did not answer. The last is said plainly and never counted as clean; it fails where `ZKBAZAAR_CHECK_AUDIT=required`
 * (a release must set it), and passes elsewhere, so that a mirror without that endpoint does not stop all work.
 */
import { spawnSync } from 'node:child_process';

const { stdout } = spawnSync('npm', ['audit', '--json', '--omit=dev'], {
  encoding: 'utf8',
  maxBuffer: 64 * 2 ** 20,
  shell: process.platform === 'win32',
});

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const report = parse(stdout ?? '');
const counts = report.metadata?.vulnerabilities;
if (counts === undefined) {
  const why = report.statusCode === undefined ? 'no answer' : `HTTP ${report.statusCode}`;
  process.stdout.write(
    `AUDIT NOT DONE: the registry's advisory endpoint cannot be asked (${why}). Nothing is known about advisories; ` +
      'run `npm run audit` against a registry that answers before a release.\n',
  );
  process.exitCode = process.env['ZKBAZAAR_CHECK_AUDIT'] === 'required' ? 1 : 0;
} else if (counts.high + counts.critical > 0) {
  const bad = Object.values(report.vulnerabilities ?? {}).filter(({ severity }) => /high|critical/.test(severity));
  for (const { name, severity, range } of bad) process.stdout.write(`${severity}: ${name} ${range}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write('audit: no high or critical finding\n');
}
