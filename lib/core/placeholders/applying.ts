let depth = 0;

/**
 * Runs `render` for an engine that applies objects itself, without files. So Secrets may have data, and props may have
 * values that are not known yet.
 */
export function applying<T>(render: () => T): T {
  depth++;
  try {
    return render();
  } finally {
    depth--;
  }
}

/** Whether objects are being rendered for an engine, not for files. */
export function isApplying(): boolean {
  return depth > 0;
}
