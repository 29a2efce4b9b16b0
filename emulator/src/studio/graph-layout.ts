import * as dagre from '@dagrejs/dagre';

/** What is used of it: its own declarations do not resolve from ES modules. */
interface Dagre {
  readonly Graph: new () => DagreGraph;
  readonly layout: (graph: DagreGraph) => void;
}

interface DagreGraph {
  setGraph(label: object): void;
  setDefaultEdgeLabel(label: () => object): void;
  setNode(name: string, label: object): void;
  setEdge(from: string, to: string): void;
  graph(): { readonly width?: number; readonly height?: number };
  /** `x`, `y`: the middle. */
  node(name: string): { readonly x: number; readonly y: number };
  edge(from: string, to: string): { readonly points: readonly { readonly x: number; readonly y: number }[] };
}

const { Graph, layout } = dagre as unknown as Dagre;

export interface Placed {
  readonly name: string;
  /** Upper left corner. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly Placed[];
  readonly edges: readonly PlacedEdge[];
}

export const NODE = { width: 168, height: 52 } as const;

/** Places the steps of a graph from left to right. */
export function layOut(
  names: readonly string[],
  edges: readonly { readonly from: string; readonly to: string }[],
): Layout {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 24, ranksep: 56, marginx: 4, marginy: 4 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const name of names) graph.setNode(name, { ...NODE });
  for (const { from, to } of edges) graph.setEdge(from, to);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const nodes = names.map((name) => {
    const { x, y } = graph.node(name);
    return { name, x: x - NODE.width / 2, y: y - NODE.height / 2 };
  });
  const placed = edges.map(({ from, to }) => {
    const { points } = graph.edge(from, to);
    return { from, to, points };
  });
  return { width, height, nodes, edges: placed };
}
