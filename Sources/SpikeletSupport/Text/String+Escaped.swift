extension String {
  /// The text with everything escaped that steers a terminal or hides what is written.
  ///
  /// Names come from files. One with a line break could forge a line of its own, one with an escape
  /// sequence could do anything to a terminal, one with a mark of direction could turn words round.
  /// What is longer than 200 characters loses its middle.
  public var escaped: String {
    let text = escapedScalars(keepingLines: false)
    guard text.unicodeScalars.count > 200 else { return text }
    let scalars = text.unicodeScalars
    return String(scalars.prefix(120)) + "…" + String(scalars.suffix(60))
  }

  /// The same for a text of several lines and any length, whose line breaks are its own.
  public var escapedLines: String { escapedScalars(keepingLines: true) }

  private func escapedScalars(keepingLines: Bool) -> String {
    func isKept(_ scalar: Unicode.Scalar) -> Bool {
      !scalar.isSteering || (keepingLines && scalar == "\n")
    }
    if unicodeScalars.allSatisfy(isKept) { return self }
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if isKept(scalar) {
        result.append(scalar)
      } else {
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars
      }
    }
    return String(result)
  }
}

extension Unicode.Scalar {
  /// Whether a terminal obeys the scalar rather than showing it: control characters, line and
  /// paragraph separators, marks and overrides of direction.
  package var isSteering: Bool {
    switch value {
    case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
      true
    default: false
    }
  }
}
