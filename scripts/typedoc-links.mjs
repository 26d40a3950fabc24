// A plugin of TypeDoc: `{@link Name}` also finds what another entry point of the package has, so that comments can name it
// as users do.

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.addUnknownSymbolResolver(({ moduleSource, symbolReference }, from) => {
    const names = symbolReference?.path?.map(({ path }) => path);
    if (moduleSource !== undefined || names === undefined) return undefined;
    for (const entryPoint of from.project.children ?? []) {
      const target = entryPoint.getChildByName(names);
      if (target !== undefined) return { target };
    }
    return undefined;
  });
}
