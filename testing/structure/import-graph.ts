import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const FOLDERS =
  'shared,functions,worker,sandbox,local,server,infra,localstack,testing,test,bench,console,clients,deploy';
const IMPORT = /^(?:import|export)\b[^;'"]*?from '(\.[^']+)';/gm;

/** Every TypeScript file of ours, by its path from the repository's root, with the files of ours that it imports. */
export function readImports(): Map<string, string[]> {
  const files = globSync(`{${FOLDERS}}/**/*.ts`, { cwd: ROOT }).filter(
    (file) => !file.includes('node_modules'),
  );
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const targets = [...text.matchAll(IMPORT)].map(([, path = '']) => normalize(join(dirname(file), path)));
      return [file, targets.filter((target) => known.has(target))];
    }),
  );
}

/** Groups of nodes that lead to one another (Tarjan's strongly connected components of two or more). */
export function findCircles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): number => {
    let low = order.size;
    order.set(node, low);
    lowest.set(node, low);
    const index = low;
    open.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, order.get(next) ?? low);
    }
    lowest.set(node, low);
    if (low === index) {
      const circle = open.splice(open.indexOf(node));
      if (circle.length > 1) circles.push(circle.toSorted());
    }
    return low;
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return circles;
}
