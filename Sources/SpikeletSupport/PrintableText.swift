extension String {
  /// The text with everything escaped that could steer a terminal or turn the direction of a line.
  ///
  /// Names come from files that anybody may have written: an escape sequence in one must not clear
  /// the screen that shows it, a line break must not forge a line, and a bidirectional override must
  /// not make a message read otherwise.
  public var printable: String { escaped { $0.steersTerminal } }

  /// The same for a text of several lines, whose line breaks are its own.
  public var printableLines: String { escaped { $0.steersTerminal && $0 != "\n" } }

  /// A name for messages, without its middle where it is longer than anybody reads.
  public var printableName: String {
    let text = printable
    guard text.unicodeScalars.count > 200 else { return text }
    return String(text.unicodeScalars.prefix(120)) + "…" + String(text.unicodeScalars.suffix(60))
  }

  private func escaped(_ isEscaped: (Unicode.Scalar) -> Bool) -> String {
    guard unicodeScalars.contains(where: isEscaped) else { return self }
    var result = UnicodeScalarView()
    for scalar in unicodeScalars {
      if isEscaped(scalar) {
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}

extension Unicode.Scalar {
  /// Control characters (C0, DEL, C1), line and paragraph separators, and what changes direction.
  var steersTerminal: Bool {
    switch value {
    case 0..<0x20, 0x7F...0x9F: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
