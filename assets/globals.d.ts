/** What the scripts find on the page beside each other: Dash, Plotly, and the page's own events. */
import type { Status } from "./stream/state.mjs";
import type { RunConfig, TrainingConfig } from "./stream/messages.d.ts";

/** What `spiralDash` in `bridge.js` offers to Dash's clientside callbacks and to the shell. */
interface Bridge {
  connect(token: string): unknown;
  panelOptions(values: unknown[], ids: { panel: string; option: string }[]): unknown;
  seek(epoch: number | null): unknown;
  arrange(names: string[]): unknown;
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

  /** What the shell's scripts and `shell/clientside.js` share. */
  interface Shell {
    config: RunConfig | null;
    training: TrainingConfig | null;
    query: string | null;
    panels: string | null;
    seeking: () => number | null;
    touchedAt: number;
    showAddress: () => void;
  }

  /** A component as Dash keeps it: a text, a list of them, or an object with props. */
  type DashComponent = any;

  /** The id of a dial's control. */
  interface FieldId {
    type?: string;
    group: string;
    name: string;
  }

  /** What every field holds, by its path. */
  type FieldTexts = Record<string, string>;

  /** A configuration on its way to the dials. */
  interface Payload {
    config: RunConfig;
    training: TrainingConfig;
    query: string;
    texts: FieldTexts;
    waits: boolean;
    at: number;
    needs_file?: boolean;
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
    _fullLayout: Record<string, any> & { width: number; height: number; _size: { h: number } };
    _fullData: { visible: unknown }[];
    _dragging: boolean;
    on(event: string, listener: (data: Record<string, unknown>) => void): void;
    removeAllListeners(event: string): void;
  }

  interface Window {
    dash_clientside: DashClientside;
    dash_stores: DashStore[];
    Plotly: PlotlyCalls;
    spiralDashShell: Shell;
    spiralDash: { readonly session: string };
  }

  interface WindowEventMap {
    "spiral-dash:status": CustomEvent<Status>;
    "spiral-dash:connection": CustomEvent<{ connected: boolean }>;
    "spiral-dash:notice": CustomEvent<{ level: string; text: string }>;
    "spiral-dash:ended": CustomEvent<{ text: string }>;
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
    panels: string;
    shares: string;
    usual: string;
  }

  interface HTMLElementEventMap {
    scrub: CustomEvent<{ step: number }>;
  }
}
