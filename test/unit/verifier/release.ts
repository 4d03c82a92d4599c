/** Resolves as `waiting` does, once the odd workers are told to go on. */
export async function release<T>(waiting: Promise<T>): Promise<T> {
  const channel = new BroadcastChannel('odd-worker');
  // More than once, since a worker hears nothing before it has started.
  const timer = setInterval(() => channel.postMessage('go on'), 5);
  try {
    return await waiting;
  } finally {
    clearInterval(timer);
    channel.close();
  }
}
