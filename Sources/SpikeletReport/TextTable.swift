import SpikeletSupport

/// A plain-text table: numbers to the right, words to the left.
package struct TextTable {
  private var rows: [[String]] = []
  private let isRight: [Bool]

  /// - Parameters:
  ///   - header: the column titles.
  ///   - right: the columns whose cells stand to the right.
  package init(_ header: [String], right: Set<Int>) {
    rows = [header]
    isRight = header.indices.map(right.contains)
  }

  /// Adds a row; names in it may come from a file.
  package mutating func add(_ row: [String]) { rows.append(row.map(\.printable)) }

  package var text: String {
    let widths = isRight.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return isRight[column] ? padding + row[column] : row[column] + padding
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
