import { html, InsertionMode, Parser, type Token } from 'parse5';
import type { DocumentNode } from './nodes.ts';
import { type PageTree, TreeBuilder, tooLarge } from './tree-builder.ts';

const { TAG_ID } = html;

/** Most attributes of one element. */
const maxAttributes = 100_000;
/** Characters between two checks of the element that is being parsed. */
const stride = 1_048_576;

/**
 * Parses a page as a browser does.
 *
 * @param scripting true: the content of `noscript` is text, as in a browser with scripts
 * @throws RequestError ERR_PAGE_TOO_LARGE beyond the limits
 */
export function parseHtml(text: string, scripting: boolean): DocumentNode {
  const parser = new PageParser({ treeAdapter: new TreeBuilder(), scriptingEnabled: scripting });
  const { tokenizer } = parser;
  for (let start = 0; start < text.length || start === 0; start += stride) {
    tokenizer.write(text.slice(start, start + stride), start + stride >= text.length);
    const token: Partial<Token.TagToken> | null = Reflect.get(tokenizer, 'currentToken');
    if ((token?.attrs?.length ?? 0) > maxAttributes) {
      throw tooLarge(`has an element with more than ${maxAttributes} attributes`);
    }
  }
  return parser.document;
}

/** Closed by an option's start tag in a select. HTML Standard, "generate implied end tags", except for optgroup. */
const impliedByOption: ReadonlySet<number> = new Set([
  ...[TAG_ID.DD, TAG_ID.DT, TAG_ID.LI, TAG_ID.OPTION, TAG_ID.P],
  ...[TAG_ID.RB, TAG_ID.RP, TAG_ID.RT, TAG_ID.RTC],
]);

const modesBelowSelect: ReadonlyMap<number, InsertionMode> = new Map([
  [TAG_ID.TR, InsertionMode.IN_ROW],
  [TAG_ID.TBODY, InsertionMode.IN_TABLE_BODY],
  [TAG_ID.THEAD, InsertionMode.IN_TABLE_BODY],
  [TAG_ID.TFOOT, InsertionMode.IN_TABLE_BODY],
  [TAG_ID.CAPTION, InsertionMode.IN_CAPTION],
  [TAG_ID.COLGROUP, InsertionMode.IN_COLUMN_GROUP],
  [TAG_ID.TABLE, InsertionMode.IN_TABLE],
  [TAG_ID.TD, InsertionMode.IN_CELL],
  [TAG_ID.TH, InsertionMode.IN_CELL],
  [TAG_ID.BODY, InsertionMode.IN_BODY],
]);

/**
 * parse5 with the content of `select` as browsers parse it since 2025: a select can contain any element, has no
 * insertion mode, and bounds scopes. HTML Standard, "in body"; whatwg/html#10548.
 */
class PageParser extends Parser<PageTree> {
  #hasSelect = false;

  override _startTagOutsideForeignContent(token: Token.TagToken): void {
    if (this.#hasSelect && this.#closesInSelect(token)) return;
    super._startTagOutsideForeignContent(token);
    if (token.tagID !== TAG_ID.SELECT) return;
    if (!this.#hasSelect) this.#boundScopes();
    this.#hasSelect = true;
    if (this.insertionMode === InsertionMode.IN_SELECT) this.insertionMode = InsertionMode.IN_BODY;
    else if (this.insertionMode === InsertionMode.IN_SELECT_IN_TABLE) this._resetInsertionMode();
  }

  override _endTagOutsideForeignContent(token: Token.TagToken): void {
    const isSelect = this.#hasSelect && token.tagID === TAG_ID.SELECT && this.#isInSelect();
    if (!isSelect) {
      super._endTagOutsideForeignContent(token);
      return;
    }
    this.openElements.generateImpliedEndTags();
    this.openElements.popUntilTagNamePopped(TAG_ID.SELECT);
  }

  override _resetInsertionModeForSelect(slot: number): void {
    const { openElements } = this;
    for (let below = openElements.slotBelow(slot); below >= 0; below = openElements.slotBelow(below)) {
      const tag = openElements.tagIDs[below] ?? TAG_ID.UNKNOWN;
      const mode = tag === TAG_ID.TEMPLATE ? this.tmplInsertionModeStack.at(-1) : modesBelowSelect.get(tag);
      if (mode === undefined) continue;
      this.insertionMode = mode;
      return;
    }
    this.insertionMode = InsertionMode.IN_BODY;
  }

  #isInSelect(): boolean {
    return (
      this.openElements.indexOfTopmost(TAG_ID.SELECT) >= 0 && this.openElements.hasInScope(TAG_ID.SELECT)
    );
  }

  /** Applies a start tag to an open select. Returns true when the tag itself is ignored. */
  #closesInSelect(token: Token.TagToken): boolean {
    const { openElements } = this;
    switch (token.tagID) {
      case TAG_ID.SELECT:
      case TAG_ID.INPUT:
        if (!this.#isInSelect()) return false;
        openElements.popUntilTagNamePopped(TAG_ID.SELECT);
        return token.tagID === TAG_ID.SELECT;
      case TAG_ID.OPTION:
        if (!this.#isInSelect()) return false;
        while (impliedByOption.has(openElements.currentTagId ?? TAG_ID.UNKNOWN)) openElements.pop();
        return false;
      case TAG_ID.OPTGROUP:
      case TAG_ID.HR:
        if (this.#isInSelect()) openElements.generateImpliedEndTags();
        return false;
      default:
        return false;
    }
  }

  /** Active from the first select on: an element below an open select is in no scope. */
  #boundScopes(): void {
    const { openElements } = this;
    const isAboveSelect = (slot: number): boolean => slot >= openElements.indexOfTopmost(TAG_ID.SELECT);
    const hasInScope = openElements.hasInScope.bind(openElements);
    openElements.hasInScope = (tag, element) => {
      if (!hasInScope(tag, element)) return false;
      return isAboveSelect(
        element ? openElements.items.lastIndexOf(element) : openElements.indexOfTopmost(tag),
      );
    };
    const hasInListItemScope = openElements.hasInListItemScope.bind(openElements);
    openElements.hasInListItemScope = (tag) =>
      hasInListItemScope(tag) && isAboveSelect(openElements.indexOfTopmost(tag));
    const hasInButtonScope = openElements.hasInButtonScope.bind(openElements);
    openElements.hasInButtonScope = (tag) =>
      hasInButtonScope(tag) && isAboveSelect(openElements.indexOfTopmost(tag));
  }
}
