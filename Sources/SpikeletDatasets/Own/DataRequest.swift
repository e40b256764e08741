/// What a command needs of a person's own pictures, and what it was told about them.
package struct DataRequest: Sendable {
  /// A file or a folder.
  package var path: String
  package var split: Split
  /// What the network takes; nil where any shape will do.
  package var needed: PictureShape?
  /// The scores that the network gives; nil where labels are not compared with them.
  package var classCount: Int?
  /// The classes' names as the network has them, in its order; empty where it has none.
  package var classNames: [String] = []
  /// Whether pictures without labels are of no use.
  package var needsLabels = true
  /// Whether a folder with one class is refused: it is seldom meant.
  package var needsClasses = true
  package var options = DataOptions()

  /// A request for a part of the pictures at `path`.
  package init(path: String, split: Split, needed: PictureShape? = nil, classCount: Int? = nil) {
    self.path = path
    self.split = split
    self.needed = needed
    self.classCount = classCount
  }
}

/// What a person says about own pictures where their file does not.
package struct DataOptions: Equatable, Sendable {
  /// The file of the labels.
  package var labels: String?
  /// A file with the name of a class a line, in the network's order.
  package var classes: String?
  /// The extents of raw pictures, and of flat ones.
  package var shape: PictureShape?
  /// How the channels lie; nil where the extents tell.
  package var order: ChannelOrder?
  /// What a number is multiplied by to give a pixel of 0 … 255.
  package var scale: Double?
  /// Which column of a table holds the label.
  package var labelColumn = LabelColumn.automatic

  /// Nothing said.
  package init() {}
}

/// Which column of a table holds the label.
package enum LabelColumn: Equatable, Sendable {
  /// The one whose head says so, or the first where there is one more than pixels.
  case automatic
  case none
  case first
  case last
  case named(String)

  /// Reads `first`, `last`, `none`, or the name of a column.
  package init(_ text: String) {
    switch text {
    case "none": self = .none
    case "first": self = .first
    case "last": self = .last
    default: self = .named(text)
    }
  }
}

/// Pictures before they are cut into parts and checked against a network.
struct FoundPictures {
  var source: any PictureSource
  var shape: PictureShape
  var labels: [UInt16]?
  /// Names of the classes, where the data has any.
  var classNames: [String] = []
  /// What they were read from, in words.
  var kind: String
  /// The part that they are as a whole; nil where they are to be split.
  var split: Split?
  /// The file or folder, for messages.
  var path: String
  /// What gives the pictures another size.
  var resizing: Resizing

  /// What resizes pictures of a form.
  enum Resizing { case files, arrays }
}
