/// A table of pixels as text: a picture a line, its values divided by commas, semicolons or tabs.
///
/// One pass finds where the lines begin and checks every value; pictures are parsed again when
/// they are asked for, so that a table may be larger than the memory.
package struct PixelTable: PictureSource {
  private let store: ByteStore
  /// Where each line begins and, last, where the table ends.
  private let starts: [Int]
  private let line: TableLine
  private let order: ChannelOrder
  private let shape: PictureShape
  /// The labels, where a column holds them.
  let labels: [UInt16]?

  /// The number of pictures.
  package var count: Int { starts.count - 1 }

  /// The longest line.
  private static let maximumLine = 64 << 20
  private static let piece = 1 << 20

  /// Reads a table.
  ///
  /// Throws `unusable`, with its line, for the first value that is no pixel or label.
  package init(
    _ store: ByteStore, shape: PictureShape, column: LabelColumn, order: ChannelOrder,
    scale: Double?, classNames: [String]
  ) throws(DatasetError) {
    self.store = store
    self.shape = shape
    self.order = order
    let places = Dictionary(
      classNames.prefix(65_536).enumerated().map { ($1, UInt16($0)) },
      uniquingKeysWith: { a, _ in a })
    var reading: TableLine?
    var starts: [Int] = []
    var labels: [UInt16] = []
    var rest: [UInt8] = []
    var restStart = 0
    var number = 0
    var position = 0
    func take(_ bytes: ArraySlice<UInt8>, at start: Int) throws(DatasetError) {
      number += 1
      var bytes = bytes
      if bytes.last == 13 { bytes.removeLast() }
      if bytes.isEmpty { return }
      do {
        guard let line = reading else {
          let (first, isHead) = try TableLine.first(
            bytes, pixels: shape.byteCount, column: column, scale: scale)
          reading = first
          if isHead { return }
          starts.append(start)
          if let text = try first.check(bytes) { labels.append(try Self.label(text, places)) }
          return
        }
        starts.append(start)
        if let text = try line.check(bytes) { labels.append(try Self.label(text, places)) }
      } catch {
        guard case .unusable(let reason, let remedy) = error.problem else { throw error }
        throw DatasetError(.unusable(reason: "line \(number): \(reason)", remedy: remedy))
      }
    }
    while position < store.count {
      let bytes = try store.bytes(position..<min(position + Self.piece, store.count))
      position += bytes.count
      rest += bytes
      var first = 0
      while let end = rest[first...].firstIndex(of: 10) {
        try take(rest[first..<end], at: restStart + first)
        first = end + 1
      }
      rest.removeFirst(first)
      restStart += first
      guard rest.count <= Self.maximumLine else {
        throw DatasetError(
          .unusable(
            reason: "line \(number + 1) has more than \(Self.maximumLine) bytes",
            remedy: "check that this is the intended file"))
      }
    }
    if !rest.isEmpty { try take(rest[...], at: restStart) }
    guard let reading, !starts.isEmpty else {
      throw DatasetError(
        .unusable(reason: "is a table without pictures", remedy: "needed a picture a line"))
    }
    line = reading
    self.starts = starts + [store.count]
    self.labels = reading.label == nil ? nil : labels
  }

  private static func label(
    _ text: ArraySlice<UInt8>, _ places: [String: UInt16]
  ) throws(DatasetError) -> UInt16 {
    let name = String(decoding: text, as: UTF8.self)
    if let place = places[name] { return place }
    if let value = Double(name), let label = UInt16(exactly: value) { return label }
    throw DatasetError(
      .unusable(
        reason: "the label is \"\(name.prefix(60))\", needed a number of 0 to 65535 or the name "
          + "of a class", remedy: "list the classes with --classes"))
  }

  /// Picture `index`, 0 ..< `count`, in the order channel, row, column.
  package func picture(_ index: Int) throws(DatasetError) -> ArraySlice<UInt8> {
    let bytes = try store.bytes(starts[index]..<starts[index + 1])
    // Empty lines may lie before the next picture.
    let end = bytes.firstIndex(of: 10) ?? bytes.endIndex
    do {
      var pixels: [UInt8] = []
      pixels.reserveCapacity(shape.byteCount)
      _ = try line.read(bytes[..<end]) { pixels.append($0) }
      return order.planes(pixels[...], shape)
    } catch {
      throw error.at(store.path)
    }
  }
}

/// How the lines of a table are divided.
struct TableLine {
  private let delimiter: UInt8
  private let columns: Int
  /// The column of the label, where there is one.
  let label: Int?
  private let scale: Double?

  /// What the first line says of all of them, and whether it is a head.
  static func first(
    _ bytes: ArraySlice<UInt8>, pixels: Int, column: LabelColumn, scale: Double?
  ) throws(DatasetError) -> (TableLine, isHead: Bool) {
    let delimiter =
      [UInt8](",;\t".utf8).max { a, b in
        bytes.count { $0 == a } < bytes.count { $0 == b }
      } ?? 44
    let cells = bytes.split(separator: delimiter, omittingEmptySubsequences: false)
      .map { String(decoding: trimmed($0), as: UTF8.self) }
    // A label may be a name, a pixel may not: most cells of a head are no numbers.
    let isHead = cells.count { Double($0) == nil } > 1
    func refused(_ reason: String, _ remedy: String) -> DatasetError {
      DatasetError(.unusable(reason: reason, remedy: remedy))
    }
    let names: Set = ["label", "labels", "class", "target", "y"]
    var label: Int?
    switch column {
    case .none: break
    case .first: label = 0
    case .last: label = cells.count - 1
    case .named(let name):
      guard isHead, let place = cells.firstIndex(of: name) else {
        throw refused(
          "has no column \"\(name.prefix(60))\"", "give --label-column first, last or none")
      }
      label = place
    case .automatic:
      label =
        (isHead ? cells.firstIndex { names.contains($0.lowercased()) } : nil)
        ?? (cells.count == pixels + 1 ? 0 : nil)
    }
    let needed = pixels + (label == nil ? 0 : 1)
    guard cells.count == needed else {
      throw refused(
        "has \(cells.count) columns, needed \(pixels) for pixels"
          + (label == nil ? " and perhaps one for the label" : " and one for the label"),
        "say with --shape which shape the pictures have, or resize them")
    }
    return (
      TableLine(delimiter: delimiter, columns: needed, label: label, scale: scale), isHead
    )
  }

  /// A cell without spaces and quotes around it.
  private static func trimmed(_ cell: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var cell = cell
    while let first = cell.first, first == 32 || first == 34 { cell.removeFirst() }
    while let last = cell.last, last == 32 || last == 34 || last == 13 { cell.removeLast() }
    return cell
  }

  /// Checks every value of a line; gives the label's text.
  func check(_ bytes: ArraySlice<UInt8>) throws(DatasetError) -> ArraySlice<UInt8>? {
    try read(bytes) { _ in }
  }

  /// Gives the pixels of a line to `body`; returns the label's text.
  func read(
    _ bytes: ArraySlice<UInt8>, _ body: (UInt8) -> Void
  ) throws(DatasetError) -> ArraySlice<UInt8>? {
    var text: ArraySlice<UInt8>?
    var column = 0
    var start = bytes.startIndex
    var position = start
    while position <= bytes.endIndex {
      guard position == bytes.endIndex || bytes[position] == delimiter else {
        position += 1
        continue
      }
      let cell = bytes[start..<position]
      if column == label {
        text = Self.trimmed(cell)
      } else if column < columns {
        body(try pixel(cell, column))
      }
      column += 1
      position += 1
      start = position
    }
    guard column == columns else {
      throw DatasetError(
        .unusable(
          reason: "has \(column) columns, the first line \(columns)", remedy: "complete the line"))
    }
    return text
  }

  private func pixel(_ cell: ArraySlice<UInt8>, _ column: Int) throws(DatasetError) -> UInt8 {
    // Nearly all cells are one to three digits.
    if scale == nil, (1...3).contains(cell.count) {
      var value = 0
      var isPlain = true
      for byte in cell {
        isPlain = isPlain && (0x30...0x39).contains(byte)
        value = value * 10 + Int(byte) - 0x30
      }
      if isPlain, value <= 255 { return UInt8(value) }
    }
    let text = String(decoding: Self.trimmed(cell), as: UTF8.self)
    let value = Double(text)
    let pixel = value.map { ($0 * (scale ?? 1)).rounded() }
    if let value, let pixel, pixel >= 0, pixel <= 255, scale != nil || pixel == value {
      return UInt8(pixel)
    }
    throw DatasetError(
      .unusable(
        reason: "column \(column + 1) is \"\(text.prefix(60))\", needed 0 to 255",
        remedy: value == nil
          ? "a pixel is a number"
          : scale == nil
            ? "say with --data-scale what a value is multiplied by"
            : "choose another --data-scale"))
  }
}
