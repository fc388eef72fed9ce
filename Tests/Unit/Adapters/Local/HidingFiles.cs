using AMA.Archive.Blobs;
using Microsoft.Win32.SafeHandles;

namespace AMA.Tests.Unit.Adapters.Local;

/// <summary>What .NET 10.0.12 does on Linux: every sync is "done".</summary>
public sealed class HidingFiles : IDurableFiles
{
    public void SyncFile(SafeFileHandle file) { }
    public void SyncFile(string path) { }
    public void SyncDirectory(string path) { }
    public void Replace(string source, string target) => throw new NotSupportedException();
    public bool TryRename(string source, string target) => throw new NotSupportedException();
}
