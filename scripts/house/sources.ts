import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const leftOut = new Set(['node_modules', 'dist', 'fixtures', 'physics-data']);

/** Every TypeScript file under a folder of the repository, components included, by its path from the root, in order. */
export function sourceFiles(root: string, folder: string): readonly string[] {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true });
  return entries
    .flatMap((entry) => {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return leftOut.has(entry.name) ? [] : sourceFiles(root, name);
      return /\.tsx?$/.test(name) ? [name] : [];
    })
    .sort();
}

/** All of src/ but the page as the compiler sees it, by the settings of the repository. */
export function programOf(root: string): ts.Program {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent({ ...config, include: ['src'] }, ts.sys, root);
  return ts.createProgram({ rootNames: fileNames, options });
}

/** The files of src/page as syntax trees, without types: those take the compiler far longer. */
export function pageSources(root: string): readonly (readonly [string, ts.SourceFile])[] {
  return sourceFiles(root, 'src/page').map((name) => {
    const text = readFileSync(path.join(root, name), 'utf8');
    return [name, ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)];
  });
}

/** Our own files of a program, with their paths from the root. */
export function ownFiles(program: ts.Program, root: string): readonly (readonly [string, ts.SourceFile])[] {
  return program.getSourceFiles().flatMap((file) => {
    const name = path.relative(root, file.fileName);
    return name.startsWith('src/') ? [[name, file] as const] : [];
  });
}

/** The node and everything under it, parents first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    const children: ts.Node[] = [];
    ts.forEachChild(next, (child) => {
      children.push(child);
    });
    open.push(...children.reverse());
  }
}
