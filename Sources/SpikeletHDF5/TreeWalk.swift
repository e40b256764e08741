/// The leaves of a B-tree of version 1: of the names of a group, or of the chunks of a dataset.
struct TreeWalk {
  struct Leaf {
    /// What the key before the child says.
    var key: ByteCursor
    var child: Int
  }

  private let file: FileBytes
  private let root: Int
  private let kind: Int

  /// - Parameter kind: 0 for a group, 1 for chunks.
  init(_ file: FileBytes, root: Int, kind: Int) {
    self.file = file
    self.root = root
    self.kind = kind
  }

  /// All leaves, from the first key to the last.
  ///
  /// - Parameter skipKey: moves a cursor past a key.
  func leaves(_ skipKey: (inout ByteCursor) throws(HDF5Error) -> Void) throws(HDF5Error) -> [Leaf] {
    var leaves: [Leaf] = []
    var seen: Set<Int> = []
    // The nodes to come, the next one last; a node of the level that its parent promises.
    var waiting: [(address: Int, level: Int?)] = [(root, nil)]
    while let (address, promised) = waiting.popLast() {
      guard seen.insert(address).inserted else {
        throw HDF5Error("a tree in which a node has two parents or is its own", offset: address)
      }
      guard seen.count <= HDF5Limits.nodes else {
        throw HDF5Error("a tree of more than \(HDF5Limits.nodes) nodes", offset: address)
      }
      var cursor = try file.cursor(at: address)
      try cursor.signature("TREE")
      let kind = try cursor.int(1)
      guard kind == self.kind else {
        throw HDF5Error("a tree of kind \(kind), needed \(self.kind)", offset: address)
      }
      let level = try cursor.int(1)
      if let promised, level != promised {
        throw HDF5Error("a node of level \(level), needed \(promised)", offset: address)
      }
      let count = try cursor.int(2)
      _ = try cursor.address()
      _ = try cursor.address()
      var children: [Leaf] = []
      for _ in 0..<count {
        let key = cursor
        try skipKey(&cursor)
        children.append(Leaf(key: key, child: try cursor.place("a part of a tree")))
      }
      if level == 0 {
        leaves += children
        guard leaves.count <= HDF5Limits.objects * 16 else {
          throw HDF5Error("a tree of too many leaves", offset: address)
        }
      } else {
        waiting += children.reversed().map { ($0.child, level - 1) }
      }
    }
    return leaves
  }
}
