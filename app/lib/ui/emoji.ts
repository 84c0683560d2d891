/** The emoji that the pickers offer. Every other one can be typed. */
export const QUICK_REACTIONS = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const;

const group = (title: string, emoji: string): { title: string; emoji: string[] } => ({
  title,
  emoji: emoji.split(' '),
});

export const EMOJI_GROUPS: readonly { readonly title: string; readonly emoji: readonly string[] }[] = [
  group(
    'Smileys',
    '😀 😃 😄 😁 😆 😅 🤣 😂 🙂 😉 😊 😇 🥰 😍 🤩 😘 😋 😜 🤪 🤗 🤭 🤫 🤔 🫡 🤐 😐 😏 😒 🙄 😬 😌 😔 😴 😷 🤒 🤕 🤢 🥵 🥶 🤯 🥳 😎 🤓 😕 😟 😮 😲 😳 🥺 😢 😭 😱 😞 😤 😡 💀 🤡 👻 🤖',
  ),
  group(
    'Hands and people',
    '👍 👎 👌 🤌 ✌️ 🤞 🤘 🤙 👈 👉 👆 👇 👋 🖐️ ✋ 👏 🙌 🫶 🤝 🙏 💪 🫵 👀 🧠 🙈 🙉 🙊 🤷 🤦 🙋 🏃 💃 🕺',
  ),
  group('Hearts and signs', '❤️ 🧡 💛 💚 💙 💜 🖤 🤍 💔 💕 💯 ✅ ❌ ❗ ❓ ⚡ 🔥 ✨ ⭐ 🎉 🎊 💡 🔒 🔑 ⏰ 📌 🚀'),
  group('Nature', '🌱 🌳 🌸 🌞 🌙 ☁️ 🌧️ ❄️ 🌈 🌊 🐶 🐱 🐭 🦊 🐻 🐼 🐸 🐵 🐔 🐧 🦄 🐝 🦋 🐢 🐙'),
  group(
    'Food and things',
    '🍎 🍌 🍓 🥑 🍕 🍔 🍟 🍣 🍜 🍪 🎂 🍫 ☕ 🍵 🍺 🍷 🥂 ⚽ 🏀 🎮 🎧 🎸 📷 💻 📱 📚 ✏️ 🎁 🏠 🚗 🚲 ✈️ 🏖️ 🏔️',
  ),
];
