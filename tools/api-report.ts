/**
 * `npm run api`: writes what each entry exports to docs/api-report, so that a change of the public surface is seen in
 * review. With `--check`, as in `npm run check`, it fails when the files differ from what src says.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { makeDeclarations } from './declarations.ts';
import { root } from './entries.ts';

const folder = join(root, 'docs/api-report');
const isCheck = process.argv.includes('--check');

const reports = new Map<string, string>();
for (const [name, text] of await makeDeclarations()) {
  reports.set(`${name}.d.ts`, format(reportOf(name, text)));
}
if (isCheck) check();
else write();

function write(): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, report] of reports) writeFileSync(join(folder, file), report);
}

function check(): void {
  const names = new Set([...reports.keys(), ...readdirSync(folder)]);
  const changed = [...names].filter((file) => readReport(file) !== reports.get(file));
  if (changed.length === 0) return;
  console.error(
    `The public types have changed: ${changed.map((file) => `docs/api-report/${file}`).join(', ')}.`,
  );
  console.error('Run npm run api, and commit what it writes if the change is meant.');
  process.exitCode = 1;
}

function readReport(file: string): string | undefined {
  try {
    return readFileSync(join(folder, file), 'utf8');
  } catch {
    return undefined;
  }
}

/** The declarations of an entry by name, without comments: first what is exported, then what that names. */
function reportOf(name: string, text: string): string {
  const file = ts.createSourceFile(`${name}.d.ts`, text, ts.ScriptTarget.Latest);
  const printer = ts.createPrinter({ removeComments: true });
  const exported = exportedNames(file);
  const imports: string[] = [];
  const declarations: { name: string; text: string }[] = [];
  for (const statement of file.statements) {
    const printed = printer.printNode(ts.EmitHint.Unspecified, statement, file);
    if (ts.isImportDeclaration(statement)) imports.push(sortNames(printed));
    else if (!ts.isExportDeclaration(statement)) {
      declarations.push({ name: nameOf(statement), text: printed });
    }
  }
  const ofEach = (isExported: boolean): string[] =>
    declarations
      .filter((declaration) => exported.has(declaration.name) === isExported)
      .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
      .map((declaration) => (isExported ? `export ${declaration.text}` : declaration.text));
  const rest = ofEach(false);
  return [
    '// Written by `npm run api`.',
    imports.sort().join('\n'),
    ...ofEach(true),
    ...(rest.length > 0 ? ['// Not exported, but named by what is.', ...rest] : []),
  ].join('\n\n');
}

/** The names of an import in order, which says nothing and may change. */
function sortNames(statement: string): string {
  return statement.replace(/(?<=\{ ).*(?= \})/, (names) => names.split(', ').sort().join(', '));
}

function exportedNames(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of file.statements) {
    if (!ts.isExportDeclaration(statement)) continue;
    if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) {
      throw new Error(`Not a list of names: ${statement.getText(file)}`);
    }
    for (const { name, propertyName } of statement.exportClause.elements) {
      if (propertyName !== undefined) throw new Error(`Exported under another name: ${name.text}`);
      names.add(name.text);
    }
  }
  return names;
}

function nameOf(statement: ts.Statement): string {
  if (ts.isVariableStatement(statement)) {
    const [declaration] = statement.declarationList.declarations;
    if (declaration !== undefined && ts.isIdentifier(declaration.name)) return declaration.name.text;
  } else if (
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  ) {
    if (statement.name !== undefined) return statement.name.text;
  }
  throw new Error(`A declaration without a name: ${ts.SyntaxKind[statement.kind]}`);
}

/** One member a line, whatever the compiler prints. */
function format(text: string): string {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [biome, 'format', '--stdin-file-path=report.d.ts'],
    { cwd: root, input: text, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`Biome could not format the report: ${stderr}`);
  return stdout;
}
