// Sets the theme before the first paint, from the copy that the settings screen leaves here (never anything private).
try {
  for (const name of ['theme', 'accent']) {
    const value = localStorage.getItem(`securechat.${name}`);
    if (value) document.documentElement.dataset[name] = value;
  }
} catch {
  // Storage is blocked: the system theme serves.
}
