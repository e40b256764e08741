/// In which order a value of the ONNX graph runs over the values of a network's node.
///
/// A network keeps every map in the order channel, row, column. TensorFlow's exporters write graphs
/// that transpose to and fro. Nothing has to move for that: a transposition is another order of the
/// same values, until a layer reads them and takes its weights in that order.
struct ValueOrder: Hashable {
  /// So many values, each so far from the one before.
  struct Run: Hashable {
    var count: Int
    var stride: Int
  }

  /// The outermost first, none of one value, and none that goes on where the one before it ends.
  private(set) var runs: [Run]

  /// The order of the node itself.
  init(count: Int) { runs = count == 1 ? [] : [Run(count: count, stride: 1)] }

  init(_ runs: [Run]) {
    self.runs = []
    for run in runs where run.count != 1 {
      if let last = self.runs.last, last.stride == run.count * run.stride {
        self.runs[self.runs.count - 1] = Run(count: last.count * run.count, stride: run.stride)
      } else {
        self.runs.append(run)
      }
    }
  }

  /// Whether the values are in the node's own order.
  var isIdentity: Bool { runs.isEmpty || (runs.count == 1 && runs[0].stride == 1) }

  /// The runs that each of some extents goes over, or nil where an extent cuts through one.
  func grouped(by extents: [Int]) -> [[Run]]? {
    var rest = Array(runs.reversed())
    var groups: [[Run]] = []
    for extent in extents {
      var group: [Run] = []
      var needed = extent
      while needed > 1 {
        guard let run = rest.popLast() else { return nil }
        if run.count <= needed {
          guard needed % run.count == 0 else { return nil }
          group.append(run)
          needed /= run.count
        } else {
          guard run.count % needed == 0 else { return nil }
          let inner = run.count / needed
          group.append(Run(count: needed, stride: run.stride * inner))
          rest.append(Run(count: inner, stride: run.stride))
          needed = 1
        }
      }
      groups.append(group)
    }
    return rest.isEmpty ? groups : nil
  }

  /// The position in the node of each value, one after the other.
  var positions: [Int] {
    var result = [0]
    for run in runs {
      result = result.flatMap { base in (0..<run.count).map { base + $0 * run.stride } }
    }
    return result
  }
}
