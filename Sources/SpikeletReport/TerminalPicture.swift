/// Draws grey pictures in a terminal.
package struct TerminalPicture {
  /// Colours and half blocks (two rows a line) for a terminal, plain characters for a file.
  package var isPlain: Bool

  package init(isPlain: Bool) { self.isPlain = isPlain }

  /// The lines of one picture of one channel.
  package func lines(_ pixels: ArraySlice<UInt8>, height: Int, width: Int) -> [String] {
    let first = pixels.startIndex
    func pixel(_ row: Int, _ column: Int) -> Int {
      row < height ? Int(pixels[first + row * width + column]) : 0
    }
    return stride(from: 0, to: height, by: 2).map { row in
      var line = ""
      for column in 0..<width {
        let (top, bottom) = (pixel(row, column), pixel(row + 1, column))
        if isPlain {
          let ramp = Array(" .:-=+*#%@")
          line.append(ramp[(top + bottom) * (ramp.count - 1) / 510])
        } else {
          line += "\u{1B}[38;5;\(grey(top))m\u{1B}[48;5;\(grey(bottom))m▀"
        }
      }
      return isPlain ? line : line + "\u{1B}[0m"
    }
  }

  /// The nearest of the 24 greys of the 256-colour palette.
  private func grey(_ value: Int) -> Int { 232 + value * 23 / 255 }
}
