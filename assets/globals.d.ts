/** What the scripts find on the page beside each other: Dash, Plotly, and the page's own events. */
import type { Status } from "./stream/state.mjs";

/** What `spiralDash` in `bridge.js` offers to Dash's clientside callbacks and to the shell. */
interface Bridge {
  turn(fields: unknown[], layers: string, units: string[], kind: string, ids: FieldId[]): unknown;
  panelOptions(values: unknown[], ids: { panel: string; option: string }[]): unknown;
  visit(search: string): unknown;
}

/** A component's id, as Dash takes it: a text, or what it is found by. */
type ComponentId = string | Record<string, string | number>;

declare global {
  interface DashClientside {
    no_update: unknown;
    callback_context: { triggered_id: any };
    set_props(id: ComponentId, props: Record<string, unknown>): void;
    spiralDash: Bridge;
    shell: Record<string, (...values: any[]) => unknown>;
  }

  /** A component as Dash keeps it: a text, a list of them, or an object with props. */
  type DashComponent = any;

  /** The id of a dial's control. */
  interface FieldId {
    type?: string;
    group: string;
    name: string;
  }

  interface DashAction {
    type: string;
    payload: { itempath: unknown };
  }

  interface DashStore {
    getState(): { layoutHashes: Record<string, unknown> };
    dispatch(action: DashAction): unknown;
  }

  /** The calls of Plotly that the page makes; its figures are plain objects. */
  interface PlotlyCalls {
    newPlot(graph: HTMLElement, traces: object[], layout: object, config: object): Promise<unknown>;
    purge(graph: HTMLElement): void;
    Plots: { resize(graph: HTMLElement): Promise<unknown> };
    react(graph: HTMLElement, traces: object[], layout: object): Promise<unknown>;
    relayout(graph: HTMLElement, changes: object): Promise<unknown>;
    toImage(figure: object, format: { format: string; width: number; height: number }): Promise<string>;
  }

  interface PlotlyAxis {
    range: [number, number];
    type: string;
    _length: number;
    _offset: number;
  }

  /** An element in which Plotly has drawn a graph, and what it keeps there. */
  interface PlotlyGraph extends HTMLElement {
    layout: Record<string, any>;
    data: Record<string, any>[];
    _fullLayout: Record<string, any> & { width: number; height: number; _size: { w: number; h: number } };
    _fullData: { visible: unknown }[];
    _dragging: boolean;
    _context: Record<string, unknown>;
    on(event: string, listener: (data: Record<string, unknown>) => void): void;
    removeAllListeners(event: string): void;
  }

  interface Window {
    dash_clientside: DashClientside;
    dash_stores: DashStore[];
    Plotly: PlotlyCalls;
    spiralDash: { readonly session: string };
  }

  interface WindowEventMap {
    "spiral-dash:status": CustomEvent<Status>;
    "spiral-dash:compared": CustomEvent<{ compared: boolean }>;
    "spiral-dash:painted": CustomEvent<object>;
    "spiral-dash:connection": CustomEvent<{ connected: boolean }>;
    "spiral-dash:notice": CustomEvent<{ level: string; text: string }>;
    "spiral-dash:panels": CustomEvent<{ names: string[] | null }>;
    "spiral-dash:speed": CustomEvent<{ speed: string }>;
    "spiral-dash:projector": CustomEvent<{ on: boolean }>;
    "spiral-dash:headline": CustomEvent<{ text: string }>;
    "spiral-dash:returned": CustomEvent<object>;
    "spiral-dash:settled": CustomEvent<{ topic: string }>;
    "spiral-dash:answered": CustomEvent<null>;
    "spiral-dash:arrangement": CustomEvent<null>;
    "spiral-dash:arranged": CustomEvent<{ names: string[] }>;
  }

  /** Attributes that every element has on which the scripts look for them. */
  interface DOMStringMap {
    arrangement: string;
    arrangements: string;
    download: string;
    graph: string;
    hint: string;
    name: string;
    panel: string;
    options: string;
    panels: string;
    search: string;
    shares: string;
    usual: string;
  }

  interface HTMLElementEventMap {
    scrub: CustomEvent<{ step: number }>;
  }
}
