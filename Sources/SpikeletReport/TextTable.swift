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

  /// The table in at most 80 columns.
  package var text: String { text(columns: 80) }

  /// The table in a width: where its columns do not fit side by side, the rest of them stands below,
  /// with the first column before it again.
  ///
  /// - Parameter columns: the width. A single column that is wider, or the first and one other, stay
  ///   as wide as they are.
  package func text(columns: Int) -> String {
    let widths = isRight.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var blocks: [[Int]] = []
    var block: [Int] = []
    var width = 0
    for column in isRight.indices {
      let needed = widths[column] + (block.isEmpty ? 0 : 2)
      if width + needed > columns, block.count > 1 {
        blocks.append(block)
        block = [0]
        width = widths[0]
      }
      width += widths[column] + (block.isEmpty ? 0 : 2)
      block.append(column)
    }
    blocks.append(block)
    return blocks.map { lines($0, widths) }.joined(separator: "\n\n")
  }

  private func lines(_ columns: [Int], _ widths: [Int]) -> String {
    rows.map { row in
      let cells = columns.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return isRight[column] ? padding + row[column] : row[column] + padding
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}

extension String {
  /// The text with line breaks between words where a line would be longer than `columns`; a word that
  /// is longer stays whole, and so do the breaks that are there.
  package func wrapped(columns: Int = 80) -> String {
    split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var (result, width, isFirst) = ("", 0, true)
      for word in line.split(separator: " ", omittingEmptySubsequences: false) {
        if !isFirst {
          let breaks = width > 0 && width + 1 + word.count > columns
          result += breaks ? "\n" : " "
          width = breaks ? 0 : width + 1
        }
        isFirst = false
        result += word
        width += word.count
      }
      return result
    }.joined(separator: "\n")
  }
}
