namespace AMA.Gateway.Web.Messages;

/// <summary>A page of what a query found, newest first.</summary>
/// <param name="Items">At most as many as asked for.</param>
/// <param name="Total">How many messages the query finds in all.</param>
/// <param name="Next">The cursor of the next page; null on the last one.</param>
public sealed record MessageListShape(MessageItemShape[] Items, long Total, string? Next);

/// <summary>A message in a list.</summary>
/// <param name="Id">Ours: 32 hex digits.</param>
/// <param name="MessageId">The RFC 5322 Message-ID, without brackets; empty when there is none.</param>
/// <param name="Subject">Decoded.</param>
/// <param name="From">The From header, decoded.</param>
/// <param name="To">The addresses of To and Cc, decoded.</param>
/// <param name="Date">The Date header (UTC); null when missing or unreadable.</param>
/// <param name="ReceivedAt">When AMA accepted it first (UTC).</param>
/// <param name="Size">Bytes as received.</param>
/// <param name="Attachments">File names.</param>
public sealed record MessageItemShape(
    string Id, string MessageId, string Subject, string From, string[] To, DateTime? Date, DateTime ReceivedAt,
    long Size, string[] Attachments);

/// <summary>A message: headers, text, attachments' names, and how it came.</summary>
/// <param name="Id">Ours: 32 hex digits.</param>
/// <param name="MessageId">The RFC 5322 Message-ID, without brackets; empty when there is none.</param>
/// <param name="Subject">Decoded.</param>
/// <param name="From">The From header, decoded.</param>
/// <param name="To">The addresses of To and Cc, decoded.</param>
/// <param name="Date">The Date header (UTC); null when missing or unreadable.</param>
/// <param name="ReceivedAt">When AMA accepted it first (UTC).</param>
/// <param name="Size">Bytes as received.</param>
/// <param name="Attachments">Attached files, by name.</param>
/// <param name="Headers">All header fields, in their order, decoded.</param>
/// <param name="Text">The body as text. Of strangers: show it as text, never as markup.</param>
/// <param name="Deliveries">Each acceptance of these same bytes.</param>
/// <param name="Flags">What was odd about it: "unparsed", "partly-indexed", "bare-line-ends", …</param>
public sealed record MessageShape(
    string Id, string MessageId, string Subject, string From, string[] To, DateTime? Date, DateTime ReceivedAt,
    long Size, AttachmentShape[] Attachments, HeaderShape[] Headers, string Text, DeliveryShape[] Deliveries,
    string[] Flags);

/// <summary>A header field.</summary>
/// <param name="Name">As it came.</param>
/// <param name="Value">Unfolded and decoded.</param>
public sealed record HeaderShape(string Name, string Value);

/// <summary>An attached file.</summary>
/// <param name="Name">As the sender named it: never a path to write to.</param>
/// <param name="ContentType">As the sender declared it.</param>
/// <param name="Size">Bytes after decoding.</param>
public sealed record AttachmentShape(string Name, string ContentType, long Size);

/// <summary>One acceptance over SMTP.</summary>
/// <param name="Receipt">The id in the 250 reply.</param>
/// <param name="AcceptedAt">When (UTC).</param>
/// <param name="Sender">MAIL FROM.</param>
/// <param name="Recipients">RCPT TO.</param>
/// <param name="ClientAddress">The sending server's address.</param>
/// <param name="Tls">Version and cipher suite of the connection.</param>
public sealed record DeliveryShape(
    string Receipt, DateTime AcceptedAt, string Sender, string[] Recipients, string ClientAddress, string Tls);
