import { ElementNode, type ParentNode } from '../tree/nodes.ts';
import { elementsIn } from '../tree/walk.ts';

/** The shape of a table. */
interface TableShape {
  /** The number of cells in the longest row. */
  columns: number;
  rows: number;
  /** False for a table with blocks in it, which is for layout. */
  isData: boolean;
}

/** Most columns of a Markdown table. */
const maxColumns = 100;
const layoutInside = /^(table|h[1-6]|ul|ol|dl|pre|form|blockquote|hr)$/;

/** The tables under `root` whose rows have only plain cells, found in one walk. */
export function dataTables(root: ParentNode): ReadonlyMap<ElementNode, TableShape> {
  const shapes = new Map<ElementNode, TableShape>();
  const around = new Map<ElementNode, ElementNode | null>();
  for (const element of elementsIn(root)) {
    const { name, parentElement } = element;
    // Parents come first, so that the facts about ancestors are known.
    const table =
      parentElement?.name === 'table' ? parentElement : parentElement && around.get(parentElement);
    if (element.first !== null) around.set(element, table ?? null);
    if (name === 'table') shapes.set(element, { columns: 0, rows: 0, isData: true });
    if (table != null) note(shapes.get(table), element);
  }
  return new Map([...shapes].filter(([, shape]) => isWorthIt(shape)));
}

function note(shape: TableShape | undefined, element: ElementNode): void {
  if (shape === undefined) return;
  if (layoutInside.test(element.name)) shape.isData = false;
  if (element.name !== 'tr') return;
  shape.rows++;
  shape.columns = Math.max(shape.columns, cellsOf(element));
}

function isWorthIt({ isData, columns, rows }: TableShape): boolean {
  return isData && columns > 1 && columns <= maxColumns && rows > 1;
}

/** The number of cells of a row. */
export function cellsOf(row: ElementNode): number {
  let count = 0;
  for (let cell = row.first; cell !== null; cell = cell.next) {
    if (cell instanceof ElementNode && /^t[dh]$/.test(cell.name)) count++;
  }
  return count;
}
