// Written by `npm run api`.

import { RequestError, RequestInit, Session, SessionResponse } from './index.js';

export interface AttributeField extends FieldBase, TransformedField {
  readonly type: 'attribute';
  readonly attribute: string;
  readonly absolute?: boolean | undefined;
}

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
}

export type ChecksumAlgorithm = 'sha256' | 'sha384' | 'sha512' | 'sha1' | 'md5';

export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly form?: Query | undefined;
  readonly fields?:
    | {
        readonly username?: string | undefined;
        readonly password?: string | undefined;
      }
    | undefined;
  readonly extra?: FillValues | undefined;
  readonly check?: ((page: Page) => boolean | Promise<boolean>) | undefined;
  readonly origins?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DownloadOptions extends RequestInit {
  readonly resume?: boolean | undefined;
  readonly checksum?: string | Checksum | undefined;
}

export interface DownloadedFile {
  readonly path: string;
  readonly size: number;
  readonly resumedFrom: number;
  readonly response: SessionResponse;
}

export type ExtractField =
  | TextField
  | AttributeField
  | HtmlField
  | RegexField
  | NestedField
  | ListField
  | NestedListField
  | ReadField;

export interface ExtractOptions {
  readonly limit?: number | undefined;
}

export interface ExtractSchema {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly baseSelector: string;
  readonly baseFields?: readonly ExtractField[] | undefined;
  readonly fields: readonly ExtractField[];
}

export type ExtractedFields<Fields> = Fields extends readonly ExtractField[]
  ? {
      [Field in Fields[number] as Field['name']]: ExtractedValue<Field>;
    }
  : never;

export type ExtractedMiss<Field, Otherwise> = Field extends {
  readonly required: true;
}
  ? never
  : Field extends {
        readonly default: infer Default;
      }
    ? Default
    : Otherwise;

export type ExtractedRow<Schema extends ExtractSchema> = 0 extends 1 & Schema
  ? Record<string, unknown>
  : string extends Schema['fields'][number]['name']
    ? Record<string, unknown>
    : ExtractedFields<
        Schema extends {
          readonly baseFields: infer Base extends readonly ExtractField[];
        }
          ? readonly [...Base, ...Schema['fields']]
          : Schema['fields']
      >;

export type ExtractedRows<Row> = Row[] & {
  readonly misses: readonly Miss[];
};

export type ExtractedText<Field> = Field extends {
  readonly transform: (value: string) => infer Value;
}
  ? NonNullable<Value>
  : string;

export type ExtractedValue<Field> = Field extends {
  readonly read: (...given: never[]) => infer Value;
}
  ? NonNullable<Value> | ExtractedMiss<Field, null>
  : Field extends {
        readonly type: 'list' | 'nested_list';
      }
    ?
        | (Field extends {
            readonly fields: infer Fields;
          }
            ? ExtractedFields<Fields>
            : ExtractedText<Field>)[]
        | ExtractedMiss<Field, never>
    : Field extends {
          readonly type: 'nested';
          readonly fields: infer Fields;
        }
      ? ExtractedFields<Fields> | ExtractedMiss<Field, null>
      : ExtractedText<Field> | ExtractedMiss<Field, null>;

export interface FieldBase {
  readonly name: string;
  readonly selector?: string | undefined;
  readonly default?: unknown;
  readonly required?: boolean | undefined;
  readonly description?: string | undefined;
}

export type FillValue = string | number | boolean | Blob | null;

export type FillValues = Readonly<Record<string, FillValue | readonly FillValue[] | undefined>>;

export type FindNext = (page: Page, count: number) => NextPage | Promise<NextPage>;

export interface FollowOptions extends VisitInit {
  readonly trigger?: 'click' | 'script' | undefined;
}

export type Form = PageForm<Page>;

export interface FormControl {
  readonly name: string;
  readonly type: string;
  readonly label: string;
  readonly value: string;
  readonly isChecked: boolean | null;
  readonly options: readonly FormOption[];
  readonly isDisabled: boolean;
  readonly isReadOnly: boolean;
  readonly isRequired: boolean;
  readonly element: PageElement;
}

export type FormEntry = readonly [name: string, value: string | Blob];

export interface FormOption {
  readonly value: string;
  readonly text: string;
  readonly isSelected: boolean;
  readonly isDisabled: boolean;
}

export interface FormRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | Blob | null;
}

export interface HeaderLink {
  readonly url: URL;
  readonly rel: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
}

export interface HtmlField extends FieldBase, TransformedField {
  readonly type: 'html';
}

export interface InvalidControl {
  readonly name: string;
  readonly reasons: readonly InvalidReason[];
  readonly element: PageElement;
}

export type InvalidReason =
  | 'valueMissing'
  | 'typeMismatch'
  | 'tooShort'
  | 'tooLong'
  | 'rangeUnderflow'
  | 'rangeOverflow'
  | 'stepMismatch';

export interface JsonPage<Body> {
  readonly url: string;
  readonly response: SessionResponse;
  readonly body: Body;
}

export interface ListField extends FieldBase, TransformedField {
  readonly type: 'list';
  readonly fields?: readonly ExtractField[] | undefined;
  readonly attribute?: string | undefined;
}

export interface Miss {
  readonly path: string;
  readonly name: string;
  readonly count: number;
  readonly rows: readonly number[];
}

export interface NestedField extends FieldBase {
  readonly type: 'nested';
  readonly fields: readonly ExtractField[];
}

export interface NestedListField extends FieldBase {
  readonly type: 'nested_list';
  readonly fields: readonly ExtractField[];
}

export type NextPage = string | URL | PageLink | Form | Page | PageRequest | null | undefined;

export interface OpenPageInit extends RequestInit, PageOptions {}

export declare class Page {
  #private;
  private constructor();
  get url(): string;
  get status(): number | null;
  get response(): SessionResponse | null;
  get isHtml(): boolean;
  get title(): string;
  get charset(): string;
  get baseUrl(): string;
  html(): string;
  text(): string;
  markdown(): string;
  snapshot(options?: SnapshotOptions): PageSnapshot;
  query(selector: string): PageElement | null;
  queryAll(selector: string): PageElement[];
  extract<const Schema extends ExtractSchema>(
    schema: Schema,
    options?: ExtractOptions,
  ): ExtractedRows<ExtractedRow<Schema>>;
  links(query?: Query): PageLink[];
  link(query: Query): PageLink;
  forms(): Form[];
  form(query?: Query): Form;
  get selfSubmitting(): Form | null;
  get refresh(): Refresh | null;
  get linkHeader(): readonly HeaderLink[];
  follow(target: Target, options?: FollowOptions): Promise<Page>;
  reload(options?: VisitInit): Promise<Page>;
}

export declare class PageElement {
  #private;
  private constructor();
  get name(): string;
  attribute(name: string): string | null;
  get text(): string;
  get textContent(): string;
  get parent(): PageElement | null;
  query(selector: string): PageElement | null;
  queryAll(selector: string): PageElement[];
}

export declare class PageForm<Next> {
  #private;
  private constructor();
  get element(): PageElement;
  get name(): string;
  fill(values: FillValues): PageForm<Next>;
  enable(name: string): PageForm<Next>;
  set(name: string, value: string | number): PageForm<Next>;
  append(name: string, value: string | Blob): PageForm<Next>;
  remove(name: string): PageForm<Next>;
  reset(): PageForm<Next>;
  controls(): FormControl[];
  control(query: Query): FormControl;
  entries(submitter?: Submitter, point?: Point): FormEntry[];
  request(submitter?: Submitter, point?: Point): FormRequest;
  toFormData(submitter?: Submitter): FormData;
  checkValidity(): InvalidControl[];
  submit(submitter?: Submitter, options?: SubmitOptions): Promise<Next>;
}

export interface PageLink {
  readonly text: string;
  readonly href: string;
  readonly url: URL | null;
  readonly rel: readonly string[];
  readonly target: string;
  readonly download: string | null;
  readonly element: PageElement;
}

export interface PageOptions {
  readonly refresh?: RefreshOptions | false | undefined;
  readonly maxHtmlBytes?: number | undefined;
  readonly noscript?: boolean | undefined;
}

export interface PageRequest extends RequestInit {
  readonly url?: string | URL | undefined;
}

export interface PageSnapshot {
  readonly text: string;
  readonly cursor: number | null;
}

export interface PaginateJsonOptions<Body, Item> extends PaginationLimits {
  readonly request?: RequestInit | undefined;
  readonly next?:
    | ((page: JsonPage<Body>, count: number) => string | URL | PageRequest | null | undefined)
    | undefined;
  readonly items?: ((body: Body) => Iterable<Item>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PaginateOptions extends PaginationLimits, VisitInit {
  readonly next?: Query | FindNext | undefined;
}

export declare class Pagination<Part, Item> implements AsyncIterable<Part> {
  #private;
  constructor(
    parts: () => AsyncGenerator<Part, void, undefined>,
    read: (part: Part) => Iterable<unknown> | Promise<Iterable<unknown>>,
    maxItems: number,
  );
  [Symbol.asyncIterator](): AsyncGenerator<Part, void, undefined>;
  items(): AsyncGenerator<Item, void, undefined>;
  all(): Promise<Item[]>;
}

export interface PaginationLimits {
  readonly maxPages?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly delay?: number | undefined;
  readonly crossOrigin?: boolean | undefined;
}

export interface ParsePageOptions extends Omit<PageOptions, 'refresh'> {
  readonly url: string | URL;
  readonly charset?: string | undefined;
  readonly headers?: Headers | undefined;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PollPageInit extends Omit<OpenPageInit, 'timeout'> {
  readonly until: PollUntil;
  readonly interval?: number | undefined;
  readonly backoff?: number | undefined;
  readonly timeout?: number | undefined;
}

export interface PollTimeoutError extends RequestError {
  readonly code: 'ERR_TIMEOUT';
  readonly page: Page | null;
}

export type PollUntil =
  | string
  | {
      readonly text: string;
    }
  | ((page: Page) => boolean | Promise<boolean>);

export type Query = string | QueryBy;

export interface QueryBy {
  readonly selector?: string | undefined;
  readonly text?: string | undefined;
  readonly exact?: boolean | undefined;
  readonly name?: string | undefined;
  readonly label?: string | undefined;
  readonly href?: string | undefined;
  readonly rel?: string | undefined;
  readonly value?: string | undefined;
  readonly ref?: string | undefined;
  readonly nth?: number | undefined;
}

export interface ReadField extends FieldBase {
  readonly type?: undefined;
  readonly read: (element: PageElement, row: Readonly<Record<string, unknown>>) => unknown;
}

export type ReadItems<Item> = (page: Page) => Iterable<Item> | Promise<Iterable<Item>>;

export interface Refresh {
  readonly delay: number;
  readonly url: URL;
}

export interface RefreshOptions {
  readonly maxDelay?: number | undefined;
  readonly limit?: number | undefined;
}

export interface RegexField extends FieldBase, TransformedField {
  readonly type: 'regex';
  readonly pattern: string | RegExp;
  readonly group?: number | string | undefined;
  readonly attribute?: string | undefined;
}

export interface SnapshotOptions {
  readonly maxLength?: number | undefined;
  readonly cursor?: number | undefined;
}

export interface SubmitOptions extends VisitInit {
  readonly x?: number | undefined;
  readonly y?: number | undefined;
  readonly validate?: boolean | undefined;
  readonly trigger?: 'click' | 'script' | undefined;
  readonly allowHttp?: boolean | undefined;
}

export type Submitter = Query | FormControl | null;

export type Target = Query | PageLink | Refresh | URL;

export interface TextField extends FieldBase, TransformedField {
  readonly type: 'text';
}

export type Transform = 'lowercase' | 'uppercase' | 'strip' | ((value: string) => unknown);

export interface TransformedField {
  readonly transform?: Transform | undefined;
}

export type VisitInit = Pick<
  RequestInit,
  | 'signal'
  | 'timeout'
  | 'redirect'
  | 'maxRedirects'
  | 'retry'
  | 'onRequestEvent'
  | 'onProgress'
  | 'transport'
  | 'maxBodyBytes'
> & {
  readonly headers?: RequestInit['headers'];
};

export declare function download(
  session: Session,
  url: string | URL,
  path: string | URL,
  options?: DownloadOptions,
): Promise<DownloadedFile>;

export declare function fileFrom(
  path: string | URL,
  options?: {
    readonly name?: string | undefined;
    readonly type?: string | undefined;
  },
): Promise<File>;

export declare function formLogin(
  url: string | URL,
  credentials: Credentials | ((session: Session) => Credentials | Promise<Credentials>),
): (session: Session) => Promise<void>;

export declare function logIn(session: Session, url: string | URL, credentials: Credentials): Promise<Page>;

export declare function openPage(session: Session, url: string | URL, init?: OpenPageInit): Promise<Page>;

export declare function pageOf(
  session: Session,
  response: SessionResponse,
  options?: PageOptions,
): Promise<Page>;

export declare function paginate<Item>(
  start: Page,
  options: PaginateOptions & {
    readonly items: ReadItems<Item>;
  },
): Pagination<Page, Item>;

export declare function paginate<const Schema extends ExtractSchema>(
  start: Page,
  options: PaginateOptions & {
    readonly items: Schema;
  },
): Pagination<Page, ExtractedRow<Schema>>;

export declare function paginate(
  start: Page,
  options?: PaginateOptions & {
    readonly items?: undefined;
  },
): Pagination<Page, Page>;

export declare function paginateJson<
  Body = unknown,
  Item = Body extends readonly (infer One)[] ? One : unknown,
>(
  session: Session,
  url: string | URL,
  options?: PaginateJsonOptions<Body, Item>,
): Pagination<JsonPage<Body>, Item>;

export declare function parsePage(html: string | Uint8Array, options: ParsePageOptions): Page;

export declare function pollPage(session: Session, url: string | URL, init: PollPageInit): Promise<Page>;
