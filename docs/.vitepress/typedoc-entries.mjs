/** A plugin of TypeDoc: calls each module by what an import calls it, the main entry first. */
import { Converter } from 'typedoc';

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      module.name = module.name === 'index' ? 'jarfetch' : `jarfetch/${module.name}`;
    }
  });
}
