/** The program behind the launcher. */
export async function run(argv: readonly string[]): Promise<void> {
  process.stdout.write(`zkbazaar ${argv.join(' ')}\n`);
}
