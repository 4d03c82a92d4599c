import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Command } from 'commander';
import { readCircuitList } from '../../../src/artifacts/index.ts';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { CliContext } from '../../../src/cli/context.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { VERBS } from '../../../src/cli/verbs.ts';

const read = (path: string): string => readFileSync(join(PACKAGE_ROOT, path), 'utf8');
const json = <T>(path: string): T => JSON.parse(read(path)) as T;
const { scripts } = json<{ scripts: Record<string, string> }>('package.json');

/** README and every page, by path from the package's root. */
let pages: Map<string, string>;
before(async () => {
  const files = (await readdir(join(PACKAGE_ROOT, 'docs'), { recursive: true })).map((file) => join('docs', file));
  const markdown = ['README.md', ...files.filter((file) => file.endsWith('.md'))];
  pages = new Map(markdown.map((file) => [file, read(file)]));
});

const page = (path: string): string => pages.get(join(path)) ?? assert.fail(`${path} is missing`);
const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** As code hosts make them: lower case, punctuation dropped, blanks to hyphens, repeats numbered. */
function anchors(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading = ''] of text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} (.+)$/gm)) {
    const words = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '');
    const slug = words.trim().replace(/\s/g, '-');
    let name = slug;
    for (let n = 1; found.has(name); n++) name = `${slug}-${n}`;
    found.add(name);
  }
  return found;
}

/** Links of a page that lead somewhere in the repository. */
function links(text: string): { target: string; anchor: string }[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => ({ target: link.split('#')[0] ?? '', anchor: link.split('#')[1] ?? '' }));
}

describe('links', () => {
  it('lead to files and headings that are there', () => {
    const broken: string[] = [];
    let seen = 0;
    for (const [file, text] of pages) {
      for (const { target, anchor } of links(text)) {
        seen += 1;
        const path = target === '' ? file : normalize(join(dirname(file), target));
        if (!existsSync(join(PACKAGE_ROOT, path))) broken.push(`${file}: ${target}`);
        else if (anchor !== '' && !anchors(read(path)).has(anchor)) broken.push(`${file}: ${target}#${anchor}`);
      }
    }
    assert.deepEqual(broken, []);
    assert.ok(seen > 50, `only ${seen} links were found`);
  });

  it('reach every page: from README, or for circuits and decisions from their index', () => {
    const linked = (from: string) =>
      links(page(from)).map(({ target }) => (target === '' ? from : normalize(join(dirname(from), target))));
    const reached = new Set([
      'README.md',
      ...linked('README.md'),
      ...linked('docs/circuits/README.md'),
      ...linked('docs/decisions/README.md'),
    ]);
    assert.deepEqual(
      [...pages.keys()].filter((file) => !reached.has(file)),
      [],
    );
  });
});

describe('commands', () => {
  it('npm run …: every script that a page names is in package.json', () => {
    const unknown: string[] = [];
    for (const [file, text] of pages) {
      for (const [, script = ''] of text.matchAll(/\bnpm run (?:-s |--silent )?([a-z][a-z:-]*)/g)) {
        if (scripts[script] === undefined) unknown.push(`${file}: ${script}`);
      }
    }
    assert.deepEqual(unknown, []);
    for (const script of ['demo', 'check', 'bench', 'circuits:mutate']) {
      assert.match(page('README.md'), new RegExp(`npm run ${script}\\b`));
    }
  });

  it('zkbazaar …: each verb has its section in docs/cli.md, and each verb that a page shows exists', () => {
    const verbs = new Set(VERBS.map(({ name }) => name));
    const sections = [...page('docs/cli.md').matchAll(/^## ([a-z0-9]+)$/gm)].map(([, name = '']) => name);
    assert.deepEqual(sections.toSorted(), [...verbs].toSorted());
    let shown = 0;
    for (const [file, text] of pages) {
      // In code alone, at the start of a line or behind a prompt: prose says `zkbazaar` as a name, too.
      for (const [block] of text.matchAll(/^```[\s\S]*?^```/gm)) {
        for (const [, verb = ''] of block.matchAll(/^(?:\w*\$ )?(?:npx )?zkbazaar ([a-z0-9]+)/gm)) {
          assert.ok(verbs.has(verb), `${file} shows zkbazaar ${verb}`);
          shown += 1;
        }
      }
    }
    assert.ok(shown > 20, `only ${shown} were found`);
  });
});

describe('docs/cli.md', () => {
  it('names every sub-verb and option of every verb', async () => {
    const context = new CliContext(new AbortController().signal);
    // Only the verb that is called is loaded.
    const programs = await Promise.all(
      VERBS.map(async ({ name }) => [name, await buildProgram([name], context)] as const),
    );
    const [general = '', ...sections] = page('docs/cli.md').split(/^(?=## )/m);
    const undocumented: string[] = [];
    const look = (command: Command, text: string, path: string): void => {
      for (const { long } of command.options) {
        if (long !== undefined && long !== '--version' && !text.includes(long)) undocumented.push(`${path} ${long}`);
      }
      for (const verb of command.commands) {
        if (!text.includes(`\`${verb.name()}`) && !text.includes(`|${verb.name()}`))
          undocumented.push(`${path} ${verb.name()}`);
        look(verb, text, `${path} ${verb.name()}`);
      }
    };
    const conventions = general + sections.filter((section) => section.startsWith('## Conventions')).join('');
    for (const { long } of programs[0]?.[1].options ?? []) {
      if (long !== '--version' && !conventions.includes(long ?? '')) undocumented.push(`zkbazaar ${long}`);
    }
    for (const [name, program] of programs) {
      const verb = program.commands.find((command) => command.name() === name) ?? assert.fail(name);
      const section = sections.find((text) => text.startsWith(`## ${verb.name()}\n`)) ?? '';
      look(verb, section + conventions, verb.name());
    }
    assert.deepEqual(undocumented, []);
  });
});

describe('circuits', () => {
  it('each of the list has its page, with the counts of its manifest', async () => {
    const { circuits } = await readCircuitList();
    const index = page('docs/circuits/README.md');
    for (const { name, template, parameters, outputs, publicInputs } of circuits) {
      const { constraints, publicSignals } = json<{
        constraints: { total: number; nonLinear: number; privateInputs: number };
        publicSignals: string[];
      }>(`proofs/${name}/manifest.json`);
      const count = constraints.nonLinear.toLocaleString('en-US');
      const text = page(`docs/circuits/${name}.md`);
      assert.equal(constraints.total, constraints.nonLinear, 'the pages say that all are non-linear');
      assert.match(text, new RegExp(`\\*\\*${count} constraints\\*\\*`), `${name}.md: ${count} constraints`);
      assert.match(text.replace(/\s+/g, ' '), new RegExp(` ${publicSignals.length} public signals`));
      assert.ok(text.includes(`\`${template}(${Object.values(parameters).join(', ')})\``), `${name}.md: template`);
      for (const signal of [...outputs.map((output) => output.replace(/\d+$/, '')), ...publicInputs]) {
        assert.match(
          text,
          new RegExp(`^\\| [\\d, ]+ \\| \`${signal}(?:\\[\\d\\])?\` \\|`, 'm'),
          `${name}.md: ${signal}`,
        );
      }
      const row = new RegExp(`^\\| .*${name}.* \\| ${count} \\| ${publicSignals.length} \\|`, 'm');
      assert.match(index, row, `circuits/README.md: ${name}`);
      assert.match(page('README.md'), row, `README.md: ${name}`);
    }
  });

  it('numbers on the pages are those of the comments in the files', async () => {
    const { circuits } = await readCircuitList();
    for (const { name, file } of circuits) {
      const inFile = [...read(`circuits/${file}`).matchAll(/^\s*\/\/ .*$/gm)].flatMap(([line]) =>
        [...line.matchAll(/(?:^\s*\/\/|;) \((\d+)\)/g)].map(([, number]) => Number(number)),
      );
      const section = page(`docs/circuits/${name}.md`)
        .split(/^## /m)
        .find((part) => part.startsWith('Constraints'));
      const onPage = [...(section ?? '').matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
      assert.deepEqual(
        onPage,
        [...new Set(inFile)].toSorted((a, b) => a - b),
        name,
      );
    }
  });

  it('constraints by number add up to the whole', async () => {
    const { circuits } = await readCircuitList();
    for (const { name } of circuits) {
      const section = page(`docs/circuits/${name}.md`)
        .split(/^## /m)
        .find((part) => part.startsWith('Constraints'));
      const sum = [...(section ?? '').matchAll(/^\| \d+ \| .* \| ([\d,+×() ]+) \|$/gm)]
        .map(([, cell = '']) => addUp(cell))
        .reduce((a, b) => a + b, 0);
      const { constraints } = json<{ constraints: { total: number } }>(`proofs/${name}/manifest.json`);
      assert.equal(sum, constraints.total, name);
    }
  });
});

/** `3 × (399 + 6,747) + 2`: sums, products and one level of brackets. */
function addUp(text: string): number {
  const flat = text.replaceAll(',', '').replace(/\(([^()]*)\)/g, (_, inner: string) => String(addUp(inner)));
  return flat
    .split('+')
    .map((term) => term.split('×').reduce((product, factor) => product * Number(factor), 1))
    .reduce((a, b) => a + b, 0);
}

describe('the threat model', () => {
  it('names tests that exist', () => {
    const named = [...page('docs/threat-model.md').matchAll(/`(test\/[\w./-]+)`/g)].map(([, path = '']) => path);
    assert.deepEqual(
      named.filter((path) => !existsSync(join(PACKAGE_ROOT, path))),
      [],
    );
    assert.ok(named.length > 20);
  });

  it('has a test for each bug that cost others money', () => {
    const section = page('docs/threat-model.md')
      .split(/^## /m)
      .find((part) => part.startsWith('Bugs that cost'));
    const rows = [...(section ?? '').matchAll(/^\| ([^|]+) \| (`test.*) \|$/gm)];
    assert.equal(rows.length, 11);
  });
});

describe('the lock file', () => {
  it('names the optional packages of every platform, without which npm ci refuses it', () => {
    const { packages } = json<{ packages: Record<string, { optionalDependencies?: Record<string, string> }> }>(
      'package-lock.json',
    );
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          packages[`${path}/node_modules/${name}`] === undefined && packages[`node_modules/${name}`] === undefined,
      ),
    );
    assert.deepEqual(missing, []);
  });
});

describe('containers', () => {
  it('the health check asks a route that is there, and the image starts what the package starts', () => {
    const dockerfile = read('Dockerfile');
    assert.ok(dockerfile.includes('/v1/health/live'));
    assert.ok(read('src/api/routes/health.ts').includes("'/v1/health/live'"));
    const { bin } = json<{ bin: { zkbazaar: string } }>('package.json');
    assert.ok(dockerfile.includes(`/app/${bin.zkbazaar}`));
    for (const [, path = ''] of dockerfile.matchAll(/^COPY (?!--)(\w+) \1$/gm)) {
      assert.ok(existsSync(join(PACKAGE_ROOT, path)), path);
      assert.ok(read('.dockerignore').split('\n').includes(`!${path}`), `.dockerignore keeps ${path} out`);
    }
  });
});
