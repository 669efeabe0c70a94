export { PageElement } from './document/element.ts';
export type { HeaderLink, PageLink } from './document/links.ts';
export type { Query, QueryBy } from './document/query.ts';
export type { Checksum, ChecksumAlgorithm } from './download/checksum.ts';
export { type DownloadedFile, type DownloadOptions, download } from './download.ts';
export type {
  ExtractedFields,
  ExtractedMiss,
  ExtractedRow,
  ExtractedText,
  ExtractedValue,
} from './extract/row.ts';
export type {
  AttributeField,
  ExtractedRows,
  ExtractField,
  ExtractOptions,
  ExtractSchema,
  FieldBase,
  HtmlField,
  ListField,
  Miss,
  NestedField,
  NestedListField,
  ReadField,
  RegexField,
  TextField,
  Transform,
  TransformedField,
} from './extract/schema.ts';
export type { FormControl, FormOption } from './form/control.ts';
export type { FormEntry, Point } from './form/entries.ts';
export { fileFrom } from './form/files.ts';
export type { FillValue, FillValues } from './form/fill.ts';
export type { SubmitOptions } from './form/submit-options.ts';
export type { InvalidReason } from './form/validity.ts';
export {
  type FormRequest,
  type InvalidControl,
  PageForm,
  type Submitter,
} from './form.ts';
export { type Credentials, formLogin, logIn } from './log-in.ts';
export type { Target } from './navigate/aim.ts';
export type { VisitInit } from './navigate/navigation.ts';
export type { Refresh } from './navigate/refresh.ts';
export { type OpenPageInit, openPage, type ParsePageOptions, pageOf, parsePage } from './open-page.ts';
export { type FollowOptions, type Form, Page } from './page.ts';
export type { PaginationLimits } from './paginate/limits.ts';
export type { FindNext, NextPage } from './paginate/next-page.ts';
export { type PaginateOptions, paginate, type ReadItems } from './paginate/paginate.ts';
export { type JsonPage, type PaginateJsonOptions, paginateJson } from './paginate/paginate-json.ts';
export { Pagination } from './paginate/pagination.ts';
export type { PageRequest } from './paginate/request-key.ts';
export { type PollPageInit, type PollTimeoutError, type PollUntil, pollPage } from './poll-page.ts';
export type { PageSnapshot, SnapshotOptions } from './view/snapshot.ts';
export type { PageOptions, RefreshOptions } from './visit.ts';
