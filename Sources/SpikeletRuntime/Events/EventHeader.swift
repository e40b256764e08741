/// What the first bytes of a recording say: its format, and where its words begin.
///
/// Prophesee's files begin with lines of text, each with a percent sign in front. Anything else is
/// N-MNIST, which has no header.
package struct EventHeader: Equatable, Sendable {
  /// Nil where the lines name a format or a version that nothing here decodes.
  package var format: EventFormat?
  /// The bytes of the header.
  package var byteCount = 0
  /// The sensor's size, where the header has it; otherwise 0.
  package var width = 0
  package var height = 0

  /// Reads the header; nil where `bytes` end before it does.
  ///
  /// - Parameter isWhole: whether nothing comes after these bytes.
  package init?(_ bytes: Span<UInt8>, isWhole: Bool) {
    guard bytes.count > 0, bytes[0] == 37 else {
      format = .nmnist
      byteCount = 0
      return
    }
    var start = 0
    var isLegacy = false
    var named: EventFormat?
    var hasVersion2 = false
    var isRaw = false
    while start < bytes.count, bytes[start] == 37 {
      var end = start
      while end < bytes.count, bytes[end] != 10 { end &+= 1 }
      guard end < bytes.count else { return nil }
      let line = start..<end
      start = end &+ 1
      if Self.holds(bytes, line, "% end") { break }
      if Self.holds(bytes, line, "% evt 2.0") || Self.holds(bytes, line, "format EVT2;") {
        named = .evt2
      } else if Self.holds(bytes, line, "% evt 2.1") || Self.holds(bytes, line, "format EVT21") {
        named = .evt21
      } else if Self.holds(bytes, line, "% evt 3.0") || Self.holds(bytes, line, "format EVT3") {
        named = .evt3
      }
      if Self.holds(bytes, line, "% evt ") || Self.holds(bytes, line, "% format ") { isRaw = true }
      if Self.holds(bytes, line, "endianness=legacy") { isLegacy = true }
      if Self.holds(bytes, line, "Version 2") { hasVersion2 = true }
      readSize(bytes, line)
    }
    guard isWhole || start < bytes.count &- 1 else { return nil }
    byteCount = start
    format = named
    if named == .evt21, isLegacy { format = .evt21Legacy }
    guard !isRaw else { return }
    // DAT: a kind of event and its size stand before the first.
    let isKnown =
      start &+ 2 <= bytes.count && (bytes[start] == 0 || bytes[start] == 12)
      && bytes[start &+ 1] == 8
    format = hasVersion2 && isKnown ? .dat : nil
    byteCount = start &+ 2
  }

  /// Whether a line has a text anywhere.
  private static func holds(
    _ bytes: Span<UInt8>, _ line: Range<Int>, _ text: StaticString
  ) -> Bool {
    end(bytes, line, text) != nil
  }

  /// `% geometry 640x480`, `% Width 640`, `width=640`.
  private mutating func readSize(_ bytes: Span<UInt8>, _ line: Range<Int>) {
    if let place = Self.end(bytes, line, "% geometry ") {
      var next = place
      width = Self.number(bytes, line, &next) ?? 0
      next &+= 1
      height = Self.number(bytes, line, &next) ?? 0
    }
    if let place = Self.end(bytes, line, "% Width ") ?? Self.end(bytes, line, "width=") {
      var next = place
      width = Self.number(bytes, line, &next) ?? 0
    }
    if let place = Self.end(bytes, line, "% Height ") ?? Self.end(bytes, line, "height=") {
      var next = place
      height = Self.number(bytes, line, &next) ?? 0
    }
    if width > EventGeometry.maximumSide || height > EventGeometry.maximumSide {
      (width, height) = (0, 0)
    }
  }

  /// Where a text in a line ends.
  private static func end(
    _ bytes: Span<UInt8>, _ line: Range<Int>, _ text: StaticString
  ) -> Int? {
    let count = text.utf8CodeUnitCount
    guard count <= line.count else { return nil }
    for start in line.lowerBound...(line.upperBound &- count) {
      var length = 0
      while length < count, unsafe text.utf8Start[length] == bytes[start &+ length] { length &+= 1 }
      if length == count { return start &+ count }
    }
    return nil
  }

  private static func number(
    _ bytes: Span<UInt8>, _ line: Range<Int>, _ next: inout Int
  ) -> Int? {
    var value = 0
    let first = next
    while next < line.upperBound, bytes[next] >= 48, bytes[next] <= 57, next &- first < 6 {
      value = value &* 10 &+ Int(bytes[next] &- 48)
      next &+= 1
    }
    return next > first ? value : nil
  }
}
