import Foundation

/// The data sets that `Dataset.load` reads.
///
/// The raw value is the name on the command line and of the folder.
package enum DatasetName: String, CaseIterable, Sendable {
  case mnist
  case fashionMNIST = "fashion-mnist"
  case cifar10
  /// With its 100 fine labels.
  case cifar100

  /// What each label stands for, in the order of the labels.
  package var classNames: [String] {
    switch self {
    case .mnist: DigitRenderer.classNames
    case .fashionMNIST:
      [
        "t-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
        "ankle boot",
      ]
    case .cifar10:
      [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
      ]
    case .cifar100: Self.fineLabels
    }
  }

  /// Channels, height and width of every picture.
  package var shape: (channels: Int, height: Int, width: Int) {
    switch self {
    case .mnist, .fashionMNIST: (1, 28, 28)
    case .cifar10, .cifar100: (3, 32, 32)
    }
  }

  /// The names of the files of a split, without `.gz`: images then labels, or batches in order.
  func files(_ split: Split) -> [String] {
    switch (self, split) {
    case (.mnist, .train), (.fashionMNIST, .train):
      ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"]
    case (.mnist, .test), (.fashionMNIST, .test):
      ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
    case (.cifar10, .train): (1...5).map { "data_batch_\($0).bin" }
    case (.cifar10, .test): ["test_batch.bin"]
    case (.cifar100, .train): ["train.bin"]
    case (.cifar100, .test): ["test.bin"]
    case (_, .all): files(.train) + files(.test)
    }
  }

  /// Whether a folder, or one named after the data set in it, holds files that are the data set's:
  /// for MNIST and its like, of 28 × 28 pixels, since other sets have files of the same names.
  package func isThere(in directory: URL) -> Bool { DatasetFiles.isThere(self, in: directory) }

  /// What brings the files to the folder of the data sets.
  var command: String {
    switch self {
    case .mnist, .fashionMNIST, .cifar10: "fetch them with: scripts/download-datasets \(rawValue)"
    case .cifar100: "unpack cifar-100-binary.tar.gz of its authors there"
    }
  }

  /// The names of the folders the files may be in, below the root of all data sets.
  var folders: [String] {
    switch self {
    case .mnist, .fashionMNIST: [rawValue]
    // The second is what the official archive unpacks to.
    case .cifar10: [rawValue, "cifar-10-batches-bin"]
    case .cifar100: [rawValue, "cifar-100-binary"]
    }
  }
}

extension DatasetName {
  /// CIFAR-100's fine labels, in the order of `fine_label_names.txt`.
  private static let fineLabels = """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus \
    butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch \
    crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo \
    keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse \
    mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy \
    porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper \
    snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television \
    tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
    """.split(separator: " ").map(String.init)
}

/// The parts of a data set.
package enum Split: String, CaseIterable, Sendable {
  /// What a network is trained and calibrated on.
  case train
  /// What it is judged by; no calibration ever sees it.
  case test
  /// Both, for a set that is for judging as a whole.
  case all
}
