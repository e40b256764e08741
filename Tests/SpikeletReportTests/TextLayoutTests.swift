import SpikeletReport
import Testing

/// What is printed fits the terminal that it is printed in.
@Suite struct TextLayoutTests {
  private func table(columns: Int, width: Int) -> TextTable {
    var table = TextTable((0..<columns).map { "head \($0)" }, right: [1])
    for row in 0..<3 {
      table.add((0..<columns).map { "\(row).\($0)" + String(repeating: "x", count: width) })
    }
    return table
  }

  @Test func aTableFoldsWhereItsColumnsDoNotFit() {
    let lines = table(columns: 9, width: 20).text.split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.allSatisfy { $0.count <= 80 })
    // Each block begins with the first column.
    let blocks = lines.split(separator: "").map(Array.init)
    #expect(blocks.count == 4 && blocks.allSatisfy { $0.count == 4 })
    #expect(blocks.allSatisfy { $0[0].hasPrefix("head 0") && $0[3].hasPrefix("2.0") })
    for column in 1..<9 {
      #expect(blocks.filter { $0[0].contains("head \(column)") }.count == 1)
    }
  }

  @Test func aTableThatFitsIsOneBlock() {
    #expect(!table(columns: 4, width: 5).text.contains("\n\n"))
    // Nothing can be done about one wide column.
    #expect(!table(columns: 2, width: 90).text.contains("\n\n"))
  }

  @Test func aProgressBarNeverWraps() {
    for columns in 1...100 {
      for share in [0, 7, 50, 100] {
        let line = ProgressBar.line("evaluating a network", share: share, columns: columns)
        #expect(line.count < max(columns, 7), "\(columns): \(line)")
        #expect(line.hasSuffix("\(share) %"))
      }
    }
    let wide = ProgressBar.line("calibrating", share: 50, columns: 200)
    #expect(wide.filter { $0 == "█" }.count == 15 && wide.filter { $0 == "░" }.count == 15)
  }

  @Test func wordsMoveToTheNextLine() {
    let text = "note: " + Array(repeating: "word", count: 40).joined(separator: " ")
    let lines = text.wrapped(columns: 30).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 30 })
    #expect(lines.joined(separator: " ").split(separator: " ").count == 41)
    #expect("kept\nas it is".wrapped(columns: 30) == "kept\nas it is")
  }
}
