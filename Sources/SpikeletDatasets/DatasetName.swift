/// The data sets that `Dataset.load` reads.
///
/// The raw value is the name on the command line and of the folder.
package enum DatasetName: String, CaseIterable, Sendable {
  case mnist
  case fashionMNIST = "fashion-mnist"
  case cifar10

  /// What each label stands for, in the order of the labels 0 … 9.
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
    }
  }

  /// Channels, height and width of every picture.
  package var shape: (channels: Int, height: Int, width: Int) {
    switch self {
    case .mnist, .fashionMNIST: (1, 28, 28)
    case .cifar10: (3, 32, 32)
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
    }
  }

  /// The names of the folders the files may be in, below the root of all data sets.
  var folders: [String] {
    switch self {
    case .mnist, .fashionMNIST: [rawValue]
    // The second is what the official archive unpacks to.
    case .cifar10: [rawValue, "cifar-10-batches-bin"]
    }
  }
}

/// The two parts every data set comes in.
package enum Split: String, CaseIterable, Sendable {
  case train
  case test
}
