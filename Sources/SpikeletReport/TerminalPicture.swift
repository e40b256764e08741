/// Draws gray and coloured pictures in a terminal.
package struct TerminalPicture {
  /// Colours and half blocks (two rows a line) for a terminal, plain characters for a file.
  package var isPlain: Bool
  /// Whether the terminal shows 24-bit colours; one of 256 otherwise.
  package var hasAllColours = false

  package init(isPlain: Bool) { self.isPlain = isPlain }

  /// The lines of one picture, in the order channel, row, column.
  ///
  /// - Parameters:
  ///   - channels: three are red, green and blue; of any other number the first is shown.
  ///   - step: only every so many pixels are shown, both ways.
  package func lines(
    _ pixels: ArraySlice<UInt8>, channels: Int = 1, height: Int, width: Int, step: Int = 1
  ) -> [String] {
    let (first, plane) = (pixels.startIndex, height * width)
    func colour(_ row: Int, _ column: Int) -> Colour {
      guard row < height else { return Colour(red: 0, green: 0, blue: 0) }
      let place = first + row * width + column
      guard channels == 3 else {
        let value = Int(pixels[place])
        return Colour(red: value, green: value, blue: value)
      }
      return Colour(
        red: Int(pixels[place]), green: Int(pixels[place + plane]),
        blue: Int(pixels[place + 2 * plane]))
    }
    return stride(from: 0, to: height, by: 2 * step).map { row in
      var line = ""
      for column in stride(from: 0, to: width, by: step) {
        let (top, bottom) = (colour(row, column), colour(row + step, column))
        if isPlain {
          let ramp = Array(" .:-=+*#%@")
          line.append(ramp[(top.gray + bottom.gray) * (ramp.count - 1) / 510])
        } else {
          line += "\u{1B}[38;\(code(top))m\u{1B}[48;\(code(bottom))m▀"
        }
      }
      return isPlain ? line : line + "\u{1B}[0m"
    }
  }

  private struct Colour {
    var red: Int
    var green: Int
    var blue: Int

    /// How bright it is, 0…255.
    var gray: Int {
      red == green && green == blue ? red : (299 * red + 587 * green + 114 * blue) / 1000
    }
  }

  /// What selects a colour, after the number of foreground or background.
  private func code(_ colour: Colour) -> String {
    if colour.red == colour.green, colour.green == colour.blue {
      // The nearest of the 24 grays of the 256-colour palette.
      return "5;\(232 + colour.red * 23 / 255)"
    }
    if hasAllColours { return "2;\(colour.red);\(colour.green);\(colour.blue)" }
    func level(_ value: Int) -> Int { (value * 5 + 127) / 255 }
    return "5;\(16 + 36 * level(colour.red) + 6 * level(colour.green) + level(colour.blue))"
  }
}
