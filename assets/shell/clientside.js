/* What Dash calls in the browser: `window.dash_clientside.shell`. */
(function () {
  const dash = (window.dash_clientside = window.dash_clientside || {});
  /** What the shell's scripts and these functions share. */
  /** @type {Shell} */
  const shell = (window.spiralDashShell = {
    config: null,
    /** The training that the run has come to, by its configuration's schedule. */
    training: null,
    /** The configuration's part of the address. */
    query: null,
    /** The open panels in the address, null for the usual ones. */
    panels: new URLSearchParams(window.location.search).get("panels"),
    seeking: () => null,
    /** When a dial was last touched, as `Date.now` says it. */
    touchedAt: 0,
    showAddress,
  });

  /** @param {FieldId} id */
  const pathOf = ({ group, name }) => (group === "run" ? name : `${group}.${name}`);
  const triggered = () => dash.callback_context.triggered_id;
  /** @param {unknown} next @param {unknown} now */
  const unlessEqual = (next, now) => (next === undefined || next === now ? dash.no_update : next);

  /**
   * Whether a control holds what cannot be used, which stays for the person to mend.
   * @param {FieldId} id
   */
  const isWrong = ({ group, name }) => Boolean(document.querySelector(`.is-wrong[data-group="${group}"][data-name="${name}"]`));

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
   * The texts of the training, which the run's own schedule may change without the dials.
   * @param {FieldTexts} texts
   */
  const trainingOf = (texts) => Object.fromEntries(Object.entries(texts).filter(([path]) => path.startsWith("training.")));

  /**
   * A copy of components in which each field holds its text.
   * @param {DashComponent} component
   * @param {FieldTexts} texts
   * @returns {DashComponent}
   */
  function withTexts(component, texts) {
    if (Array.isArray(component)) return component.map((each) => withTexts(each, texts));
    if (!component || !component.props) return component;
    const props = { ...component.props };
    if (props.children) props.children = withTexts(props.children, texts);
    if (props.id && props.id.type === "field") props.value = valueOf(texts[pathOf(props.id)], props.value) ?? props.value;
    return { ...component, props };
  }

  /** The dials hold something else, once Dash has written it. */
  const announceDials = () => setTimeout(() => window.dispatchEvent(new CustomEvent("spiral-dash:dials")));

  /** The token that a reload of this tab finds again. */
  function storedToken() {
    try {
      return JSON.parse(window.sessionStorage.getItem("session") ?? "null");
    } catch {
      return null;
    }
  }

  /** Write the configuration and the open panels into the address, once a session is open. */
  function showAddress() {
    if (shell.query === null) return;
    const { pathname, hash, search } = window.location;
    const panels = shell.panels === null ? "" : `panels=${shell.panels}`;
    const query = [shell.query, panels].filter(Boolean).join("&");
    const wanted = query ? `?${query}` : "";
    if (wanted !== search) window.history.replaceState(window.history.state, "", pathname + wanted + hash);
  }

  /** The cards that have been given what they hold. */
  const filled = new Set();

  dash.shell = {
    /**
     * The page has opened.
     * @param {string|null} search
     */
    arrive(search) {
      return { search: search || "", token: storedToken(), ended: false, at: Date.now() };
    },

    /** @param {{token?: string}|null} opened */
    connect(opened) {
      return opened && opened.token ? dash.spiralDash.connect(opened.token) : dash.no_update;
    },

    /** @param {unknown[]} values @param {{panel: string, option: string}[]} ids */
    panelOptions(values, ids) {
      return dash.spiralDash.panelOptions(values, ids);
    },

    /**
     * What the cards hold that are open for the first time.
     * @param {string[]|null} open
     * @param {Record<string, unknown>} cards
     * @param {{panel: string}[]} ids
     */
    fillCards(open, cards, ids) {
      return ids.map(({ panel }) => {
        if (filled.has(panel) || !open?.includes(panel)) return dash.no_update;
        filled.add(panel);
        return cards[panel];
      });
    },

    /**
     * The dials of the kind of data that was chosen, in place of those of another.
     * @param {string} kind
     * @param {Record<string, DashComponent>} kinds
     * @param {string} now
     */
    kindChosen(kind, kinds, now) {
      if (kind === now || !(kind in kinds)) return [dash.no_update, dash.no_update];
      announceDials();
      return [kinds[kind], kind];
    },

    /**
     * Put a configuration into the dials and the address, or a ready-made one into the dials.
     * @param {Payload|null} payload
     * @param {unknown} presetClicks
     * @param {unknown} undoClicks
     * @param {Record<string, FieldTexts>} presets
     * @param {Record<string, DashComponent>} kinds
     * @param {string} kindNow
     * @param {FieldId[]} fieldIds
     * @param {unknown[]} fields
     * @param {string} layers
     * @param {string[]} units
     */
    show(payload, presetClicks, undoClicks, presets, kinds, kindNow, fieldIds, fields, layers, units) {
      const by = triggered();
      const preset = by && by.type === "preset";
      const texts = preset ? presets[by.name] : payload && payload.texts;
      const still = dash.no_update;
      const nothing = [fieldIds.map(() => still), still, units.map(() => still), still, still, still];
      if (!texts) return nothing;
      if (!preset && payload) {
        shell.config = payload.config;
        shell.training = payload.training;
        shell.query = payload.query;
        document.documentElement.dataset.linkNeedsFile = String(Boolean(payload.needs_file));
        showAddress();
      }
      // Dials that wait for the person's yes, or were turned since it was asked, stay as they are.
      if (by === "config" && payload && (payload.waits || payload.at < shell.touchedAt)) return nothing;
      const hidden = texts["network.hidden"].split(",").filter(Boolean);
      const last = hidden[hidden.length - 1];
      const kind = texts["data.kind"];
      const other = kind !== kindNow && kind in kinds;
      announceDials();
      return [
        fieldIds.map((id, index) =>
          by === "config" && !other && isWrong(id) ? still : unlessEqual(valueOf(texts[pathOf(id)], fields[index]), fields[index]),
        ),
        unlessEqual(String(hidden.length), layers),
        units.map((now, index) => unlessEqual(hidden[index] ?? last, now)),
        other ? withTexts(kinds[kind], texts) : still,
        other ? kind : still,
        preset ? still : trainingOf(texts),
      ];
    },

    /**
     * How many of the layers' fields are shown.
     * @param {number|string} layers
     */
    layerCount(layers) {
      return String(layers);
    },

    /**
     * A button of the transport as a command; whether play means pause is what the person saw.
     * @param {unknown} play
     * @param {unknown} step
     * @param {unknown} reset
     * @param {unknown} seed
     * @param {unknown} branch
     * @param {string} speed
     */
    act(play, step, reset, seed, branch, speed) {
      const by = triggered();
      const epoch = shell.seeking();
      /** @type {Record<string, object>} */
      const actions = {
        play: { do: document.documentElement.dataset.runState === "playing" ? "pause" : "play" },
        step: { do: "step" },
        reset: { do: "reset" },
        "new-seed": { do: "new-seed" },
        branch: { do: "branch", epoch },
        speed: { do: "speed", epochs_per_second: speed === "full" ? null : Number(speed) },
      };
      if (!(by in actions) || (by === "branch" && epoch === null)) return dash.no_update;
      return { ...actions[by], at: Date.now() };
    },

    /** @param {{level: string, text: string}[]|null} notices */
    notify(notices) {
      for (const detail of notices || []) {
        window.dispatchEvent(new CustomEvent("spiral-dash:notice", { detail }));
      }
      return dash.no_update;
    },
  };
})();
