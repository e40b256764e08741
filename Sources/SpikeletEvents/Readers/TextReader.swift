import SpikeletDatasets
import SpikeletRuntime

/// The order of an event's four values.
struct EventColumns: Equatable {
  var x = 0
  var y = 1
  var polarity = 2
  var time = 3
  var count = 4

  /// x, y, polarity, time: as Prophesee's tools write text.
  static let prophesee = EventColumns()
  /// x, y, time, polarity: rows of an array.
  static let rows = EventColumns(x: 0, y: 1, polarity: 3, time: 2, count: 4)

  init() {}

  private init(x: Int, y: Int, polarity: Int, time: Int, count: Int) {
    (self.x, self.y, self.polarity, self.time, self.count) = (x, y, polarity, time, count)
  }

  /// Columns by their names; nil where one of the four is missing.
  init?(names: [String]) {
    func place(_ known: [String]) -> Int? {
      names.firstIndex { known.contains($0.lowercased()) }
    }
    guard let x = place(["x", "col", "column"]), let y = place(["y", "row"]),
      let polarity = place(["p", "polarity", "pol", "on"]),
      let time = place(["t", "time", "timestamp", "timestamps", "ts", "t_us"])
    else { return nil }
    self.init(x: x, y: y, polarity: polarity, time: time, count: names.count)
  }
}

/// Text with one event a line: four whole numbers between commas, semicolons, tabs or spaces. A first
/// line may name the columns; without it they are x, y, polarity and microseconds.
struct TextReader: EventReader {
  let counts = EventDecoderCounts()
  private var pieces: Pieces
  private var rest: ArraySlice<UInt8> = []
  private var columns: EventColumns?
  private var line = 0
  private var isAtEnd = false
  /// The longest line.
  static let maximumLine = 4096

  init(_ store: ByteStore) throws(DatasetError) { pieces = Pieces(store) }

  mutating func next() throws(DatasetError) -> [EventRow]? {
    var rows: [EventRow] = []
    guard let piece = try pieces.next() else {
      guard !isAtEnd, !rest.isEmpty else { return nil }
      isAtEnd = true
      try take(rest, &rows)
      return rows
    }
    let bytes = rest + piece
    var start = bytes.startIndex
    while let end = bytes[start...].firstIndex(of: 10) {
      try take(bytes[start..<end], &rows)
      start = end + 1
    }
    rest = bytes[start...]
    guard rest.count <= Self.maximumLine else {
      throw refused("is longer than \(Self.maximumLine) bytes")
    }
    return rows
  }

  private func refused(_ reason: String) -> DatasetError {
    DatasetError(
      .unusable(
        reason: "line \(line + 1) \(reason)",
        remedy: "write one event a line as x,y,p,t, or name the columns in the first line"),
      file: pieces.store.path)
  }

  private mutating func take(
    _ bytes: ArraySlice<UInt8>, _ rows: inout [EventRow]
  ) throws(DatasetError) {
    defer { line += 1 }
    let words = bytes.split { [44, 59, 9, 32, 13].contains($0) }
    guard let first = words.first?.first, first != UInt8(ascii: "#"), first != UInt8(ascii: "%")
    else { return }
    guard let columns else {
      if first >= 48 && first <= 57 {
        self.columns = .prophesee
        return try take(words, .prophesee, &rows)
      }
      let names = words.map { String(decoding: $0, as: UTF8.self) }
      guard let named = EventColumns(names: names) else {
        throw refused("names the columns \(names.joined(separator: ", ")), needed x, y, p and t")
      }
      self.columns = named
      return
    }
    try take(words, columns, &rows)
  }

  private func take(
    _ words: [ArraySlice<UInt8>], _ columns: EventColumns, _ rows: inout [EventRow]
  ) throws(DatasetError) {
    guard words.count == columns.count else {
      throw refused("has \(words.count) values, needed \(columns.count)")
    }
    func number(_ place: Int) -> Int? { Int(String(decoding: words[place], as: UTF8.self)) }
    guard let x = number(columns.x), let y = number(columns.y), let time = number(columns.time),
      let polarity = number(columns.polarity)
    else { throw refused("has a value that is no whole number") }
    guard let row = EventRow(x: x, y: y, time: time, polarity: polarity) else {
      throw refused("has a negative column, row or time, or one that is too large")
    }
    rows.append(row)
  }
}

extension EventRow {
  /// An event of numbers that may be anything; nil where one of them cannot be.
  init?(x: Int, y: Int, time: Int, polarity: Int) {
    guard (0...Int(UInt16.max)).contains(x), (0...Int(UInt16.max)).contains(y), time >= 0 else {
      return nil
    }
    self.init(
      time: UInt32(truncatingIfNeeded: time), x: UInt32(x), y: UInt32(y),
      polarity: polarity > 0 ? 1 : 0)
  }
}
