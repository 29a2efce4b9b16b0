/** What `<metric-chart>` draws, as the server writes it into the page. */
export interface ChartData {
  readonly title: string;
  /** What the horizontal axis counts. */
  readonly along: string;
  readonly x: readonly number[];
  readonly lines: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  /** Points without a line between them; the one at this place stands out. */
  readonly points?: { readonly best: number };
  /** Where a click on a point leads to. */
  readonly links?: readonly string[];
}
