/* What Dash calls in the browser: `window.dash_clientside.shell`. */
(function () {
  const dash = (window.dash_clientside = window.dash_clientside || {});

  /** @param {FieldId} id */
  const pathOf = ({ group, name }) => (group === "run" ? name : `${group}.${name}`);
  /** @param {unknown} next @param {unknown} now */
  const unlessEqual = (next, now) => (next === undefined || next === now ? dash.no_update : next);

  /**
   * Whether a control stays as it is: it holds what cannot be used, for the person to mend, or is being turned.
   * @param {{group: string, name: string}} id
   */
  function isHeld({ group, name }) {
    const place = `[data-group="${group}"][data-name="${name}"]`;
    return Boolean(document.querySelector(`.is-wrong${place}, [data-touched]${place}`));
  }

  /**
   * What a control that now holds `now` takes for a text: a list where it holds one.
   * @param {string} text
   * @param {unknown} now
   */
  function valueOf(text, now) {
    if (text === undefined || !Array.isArray(now)) return text;
    const names = text.split(",").filter(Boolean);
    return names.length === now.length && names.every((name) => now.includes(name)) ? now : names;
  }

  /**
   * A copy of components in which each control that `valueFor` knows something of holds that.
   * @param {DashComponent} component
   * @param {(id: any, now: unknown) => unknown} valueFor
   * @returns {DashComponent}
   */
  function withValues(component, valueFor) {
    if (Array.isArray(component)) return component.map((each) => withValues(each, valueFor));
    if (!component || !component.props) return component;
    const props = { ...component.props };
    if (props.children) props.children = withValues(props.children, valueFor);
    if (props.id && typeof props.id === "object") props.value = valueFor(props.id, props.value) ?? props.value;
    return { ...component, props };
  }

  /** @typedef {Record<string, {main: DashComponent, own: DashComponent}>} Kinds a kind's own dials, in their two places */

  /** The dials hold something else, once Dash has written it. */
  const announceDials = () => setTimeout(() => window.dispatchEvent(new CustomEvent("spiral-dash:dials")));

  /** The cards that have been given what they hold. */
  const filled = new Set();

  dash.shell = {
    /**
     * A dial was turned, or has been given what it holds.
     * @param {unknown[]} fields
     * @param {string} layers
     * @param {string[]} units
     * @param {string} kind
     * @param {FieldId[]} ids
     */
    turn(fields, layers, units, kind, ids) {
      return dash.spiralDash.turn(fields, layers, units, kind, ids);
    },

    /** @param {unknown[]} values @param {{panel: string, option: string}[]} ids */
    panelOptions(values, ids) {
      return dash.spiralDash.panelOptions(values, ids);
    },

    /**
     * What the cards hold that are open for the first time.
     * @param {{names: string[], options: Record<string, Record<string, unknown>>}|null} open
     * @param {Record<string, DashComponent>} cards
     * @param {{panel: string}[]} ids
     */
    fillCards(open, cards, ids) {
      return ids.map(({ panel }) => {
        if (filled.has(panel) || !open?.names.includes(panel)) return dash.no_update;
        filled.add(panel);
        return withValues(cards[panel], ({ option }) => open.options[panel]?.[option]);
      });
    },

    /**
     * The dials of the kind of data that was chosen, in place of those of another.
     * @param {string} kind
     * @param {Kinds} kinds
     * @param {string} now
     */
    kindChosen(kind, kinds, now) {
      if (kind === now || !(kind in kinds)) return [dash.no_update, dash.no_update, dash.no_update];
      announceDials();
      return [kinds[kind].own, kinds[kind].main, kind];
    },

    /**
     * Put what the run is into the dials.
     * @param {import("../stream/messages.d.ts").ConfigEvent|null} config
     * @param {Kinds} kinds
     * @param {string} kindNow
     * @param {FieldId[]} fieldIds
     * @param {unknown[]} fields
     * @param {string} layers
     * @param {string[]} units
     */
    show(config, kinds, kindNow, fieldIds, fields, layers, units) {
      const still = dash.no_update;
      if (!config) return [fieldIds.map(() => still), still, units.map(() => still), still, still, still];
      const { texts } = config;
      const hidden = texts["network.hidden"].split(",").filter(Boolean);
      const last = hidden[hidden.length - 1];
      const kind = texts["data.kind"];
      const other = kind !== kindNow && kind in kinds;
      const held = !other && isHeld({ group: "network", name: "hidden" });
      const toldOf = (/** @type {any} */ id, /** @type {unknown} */ now) => (id.type === "field" ? valueOf(texts[pathOf(id)], now) : undefined);
      announceDials();
      return [
        fieldIds.map((id, index) =>
          !other && isHeld(id) ? still : unlessEqual(valueOf(texts[pathOf(id)], fields[index]), fields[index]),
        ),
        held ? still : unlessEqual(String(hidden.length), layers),
        units.map((now, index) => (held ? still : unlessEqual(hidden[index] ?? last, now))),
        other ? withValues(kinds[kind].own, toldOf) : still,
        other ? withValues(kinds[kind].main, toldOf) : still,
        other ? kind : still,
      ];
    },

    /**
     * How many of the layers' fields are shown.
     * @param {number|string} layers
     */
    layerCount(layers) {
      return String(layers);
    },
  };
})();
