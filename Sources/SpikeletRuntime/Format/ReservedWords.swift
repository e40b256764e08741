// Words that this version gives no meaning. They are zero: whoever gives them one later can tell that
// it is meant, and an engine that does not know it refuses the file.
//
// One structure for each number of words: a generic one over an `InlineArray` does not compile with
// optimisation and testability together (Swift 6.3).

/// Two words without a meaning.
package struct ReservedPair: BitwiseCopyable, Equatable, Sendable {
  package var first: UInt32 = 0
  package var second: UInt32 = 0

  package init() {}

  var areEmpty: Bool { first | second == 0 }
}

/// Ten words without a meaning.
package struct ReservedTen: BitwiseCopyable, Equatable, Sendable {
  package var first = ReservedPair()
  package var second = ReservedPair()
  package var third = ReservedPair()
  package var fourth = ReservedPair()
  package var fifth = ReservedPair()

  package init() {}

  var areEmpty: Bool {
    first.areEmpty && second.areEmpty && third.areEmpty && fourth.areEmpty && fifth.areEmpty
  }
}
