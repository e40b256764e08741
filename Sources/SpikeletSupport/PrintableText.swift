extension String {
  /// The text with a question mark for every character that could steer a terminal or turn the
  /// direction of a line.
  ///
  /// Names come from files that anybody may have written: an escape sequence in one must not clear
  /// the screen that shows it, and a bidirectional override must not make a message read otherwise.
  package var printable: String {
    guard unicodeScalars.contains(where: \.steersTerminal) else { return self }
    return String(UnicodeScalarView(unicodeScalars.map { $0.steersTerminal ? "?" : $0 }))
  }
}

extension Unicode.Scalar {
  /// Control characters (C0, DEL, C1), line and paragraph separators, and what changes direction.
  fileprivate var steersTerminal: Bool {
    switch value {
    case 0..<0x20, 0x7F...0x9F: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
