/**
 * URL of a module beside this one, for workers: `.ts` from a checkout, `.js` from the packed build.
 * @example new Worker(siblingModule(import.meta.url, 'worker'))
 */
export function siblingModule(from: string, name: string): URL {
  return new URL(`./${name}${from.endsWith('.ts') ? '.ts' : '.js'}`, from);
}
