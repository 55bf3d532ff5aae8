/**
 * When Dash 4.4.1 first draws a component it resets the state of what is inside, of which there is none
 * yet (plotly/dash#3929). Each of these 800 resets asks every component whether it has to change, which
 * took a quarter of the time to the first picture. This leaves out those that reset nothing; it goes when
 * Dash no longer sends them.
 */
(() => {
  const stores = (window.dash_stores ??= []);
  const { push } = stores;
  /** @param {DashStore} store @param {DashAction} action */
  const resetsNothing = (store, { type, payload }) => {
    if (type !== "RESET_COMPONENT_STATE") return false;
    const within = String(payload.itempath);
    return !Object.keys(store.getState().layoutHashes).some((path) => path.startsWith(within));
  };
  stores.push = (store) => {
    const { dispatch } = store;
    store.dispatch = (action) => (resetsNothing(store, action) ? action : dispatch(action));
    return push.call(stores, store);
  };
})();
