"""What people read about an event, in Simplified Chinese; the same kinds as `texts_en`."""

from hanaper.apps.events.vocabulary import EventKind

# kind: (title, text)
TEXTS: dict[EventKind, tuple[str, str]] = {
    EventKind.MEMBER_ADDED: ("{email} 已加入账户", "{email} 现在是本账户的成员，角色为{role}。"),
    EventKind.VOUCHER_CREATED: (
        "本账户收到一张 {price} 的代金券",
        "代金券 {subject} 价值 {price}，可使用至 {expires_at}。",
    ),
    EventKind.ORDER_PLACED: (
        "订单 {subject} 已提交",
        "订单 {subject} 共计 {price}，保留至 {expires_at}，请在此之前付款。",
    ),
    EventKind.ORDER_PAID: (
        "订单 {subject} 已付款",
        "订单 {subject}（{price}）已付款，所购内容现在可以使用。",
    ),
    EventKind.ORDER_CANCELLED: (
        "订单 {subject} 已取消",
        "未付款的订单 {subject} 已取消，代金券和优惠码可再次使用。",
    ),
    EventKind.ORDER_EXPIRED: (
        "订单 {subject} 未按时付款",
        "订单 {subject} 未按时付款，已经结束，代金券和优惠码可再次使用。",
    ),
    EventKind.POLICY_PUBLISHED: (
        "退款政策 {subject} 已发布",
        "退款政策 {subject} 适用于自 {holds_from} 起提交的订单。",
    ),
    EventKind.VALIDATION_NEEDED: (
        "请验证您对 {domains} 的控制权",
        "证书 {subject} 正在等待对 {domains} 的域名验证。证书页面上写明了需要设置的 DNS 记录或文件，"
        "我们会自动继续检查。",
    ),
    EventKind.PRIVATE_CA_ENABLED: (
        "私有 CA {name} 已启用",
        "私有 CA {subject}（{name}）已生成密钥和证书。",
    ),
    EventKind.PRIVATE_CA_RESET: (
        "私有 CA {name} 已重置",
        "私有 CA {subject}（{name}）已重置：其密钥已销毁，其持有的数据已删除，最后一份吊销列表已发布。",
    ),
    EventKind.PRIVATE_CA_EXPIRING: (
        "私有 CA {name} 的有效期将于 {term_ends_at} 结束",
        "私有 CA {subject}（{name}）的有效期将于 {term_ends_at} 结束，剩余不超过 {days} 天；到期后不再签发证书。",
    ),
    EventKind.PRIVATE_CA_RENEWED: (
        "私有 CA {name} 已有新证书",
        "私有 CA {subject}（{name}）已有新证书，有效期至 {not_after}。",
    ),
    EventKind.PRIVATE_CA_REVOKED: (
        "私有 CA {name} 已被吊销",
        "私有 CA {subject}（{name}）的一张证书已被吊销（{reason}）：通过该证书信任它的客户端不再信任其签发的任何证书。",
    ),
    EventKind.PRIVATE_CA_EXPIRED: (
        "私有 CA {name} 的有效期已结束",
        "私有 CA {subject}（{name}）的有效期已结束，不再签发证书；在其证书到期之前，吊销列表仍会继续发布。",
    ),
    EventKind.CEREMONY_PROPOSED: (
        "等待第二人批准：{operation}",
        "{proposed_by} 提出了仪式 {subject}：{operation}（{target}）。请账户中的另一人在 {expires_at} 之前批准或拒绝。",
    ),
    EventKind.CEREMONY_CARRIED_OUT: (
        "已由两人完成：{operation}",
        "仪式 {subject} 已执行：{operation}（{target}）。提出人 {proposed_by}，批准人 {approved_by}；记录中写明了所生成的内容。",
    ),
    EventKind.CEREMONY_ENDED: (
        "未执行：{operation}",
        "仪式 {subject} 已结束，未做任何更改：{operation}（{target}）。{problem}",
    ),
    EventKind.PRIVATE_CA_QUOTA_LOW: (
        "私有 CA {name} 的 {quota} 张证书配额已使用 {used} 张",
        "私有 CA {subject}（{name}）已签发 {quota} 张证书中的 {used} 张，剩余 {left} 张。请在用完之前另行购买中间 CA。",
    ),
    EventKind.PRIVATE_CERTIFICATE_EXPIRING: (
        "{ca_name} 的 {count} 张私有证书即将到期",
        "私有 CA {ca_name} 的证书自 {not_after} 起到期：{names}（共 {count} 张）。请在此之前续期。",
    ),
    EventKind.PRIVATE_CERTIFICATE_REVOKED: (
        "{names} 的私有证书已吊销",
        "{names} 的私有证书 {subject} 已吊销（{reason}），请勿继续使用。",
    ),
    EventKind.PRIVATE_CERTIFICATE_SAME_KEY: (
        "使用已泄露密钥的证书仍然有效",
        "有人通过 ACME 报告 {names} 的私有证书 {subject} 的密钥已泄露。以下证书使用同一密钥，尚未一并吊销：{left}。请将其吊销。",
    ),
    EventKind.CERTIFICATE_BATCH_DONE: (
        "批量任务中 {total} 张证书已签发 {begun} 张",
        "私有 CA {ca} 的批量任务 {subject} 已完成：签发 {begun} 张证书，拒绝 {refused} 行，失败 {failed} 行。详情见结果文件。",
    ),
    EventKind.CERTIFICATE_BATCH_STOPPED: (
        "证书批量任务已停止",
        "私有 CA {ca} 的批量任务 {subject} 在签发 {total} 张证书中的 {begun} 张后停止：{reason} 可以继续执行或取消。",
    ),
    EventKind.CERTIFICATE_ISSUED: (
        "{domains} 的证书已签发",
        "{domains} 的证书 {subject} 已签发，序列号为 {serial}，服务年度至 {term_end} 结束。",
    ),
    EventKind.CERTIFICATE_REISSUED: (
        "{domains} 的证书已重新签发",
        "{domains} 的证书 {subject} 已重新签发，序列号为 {serial}，有效期至 {not_after}。请用它替换之前的证书。",
    ),
    EventKind.CERTIFICATE_FAILED: (
        "{domains} 的证书申请失败",
        "证书 {subject} 的申请失败：{reason} 请修改后重新提交。",
    ),
    EventKind.CERTIFICATE_EXPIRING: (
        "{domains} 的证书将于 {term_end} 到期",
        "{domains} 的证书 {subject} 的服务年度将于 {term_end} 结束，剩余不超过 {days} 天。请在此之前续费。",
    ),
    EventKind.CERTIFICATE_EXPIRED: (
        "{domains} 的证书已过期",
        "{domains} 的证书 {subject} 的服务年度已经结束。",
    ),
    EventKind.CERTIFICATE_ACTIVATED: (
        "{domains} 的下一年度已激活",
        "证书 {subject} 已激活，并沿用上一年度的信息提交了申请。",
    ),
    EventKind.CERTIFICATE_REVOKED: (
        "{domains} 的证书已吊销",
        "{domains} 的证书 {subject} 已吊销，请勿继续使用。{text}",
    ),
    EventKind.REISSUE_FAILED: (
        "{domains} 的证书重新签发失败",
        "证书 {subject} 仍然有效，但未能重新签发：{reason} 我们会再次尝试。",
    ),
    EventKind.REVIEW_NEEDED: (
        "{company} 的申请等待审核",
        "证书 {subject}（{domains}）的申请正在等待审核人员处理。",
    ),
    EventKind.REVOCATION_ASKED: (
        "有吊销申请等待审核，截止 {due_at}",
        "申请吊销证书 {subject}（{domains}），原因：{reason}。审核截止时间为 {due_at}。",
    ),
    EventKind.REVOCATION_REFUSED: (
        "{domains} 的吊销申请被拒绝",
        "证书 {subject} 保持已签发状态：{reason}",
    ),
    EventKind.REVOCATION_OVERDUE: (
        "{request} 的审核已逾期",
        "吊销证书 {subject}（{domains}）的申请 {request} 应于 {due_at} 前完成审核。",
    ),
    EventKind.ISSUER_TROUBLE: (
        "签发机构没有响应",
        "签发机构对证书 {subject}（{domains}）没有响应：{fault}",
    ),
    # webhooks
    EventKind.WEBHOOK_TEST: ("Webhook {subject} 的测试", "{by} 请求了这个测试事件。"),
    EventKind.WEBHOOK_GIVEN_UP: (
        "{url} 的 Webhook 未能正常响应",
        "三天来一直未能投递到 {url}：{fault} 系统不再自动重试；请查看 {subject} 的投递记录，并按需重新发送。",
    ),
    EventKind.WEBHOOK_DISABLED: (
        "{url} 的 Webhook 已停用",
        "Webhook {subject} 失败时间过长，或其地址要求停止发送：{fault} 在所有者重新启用之前，不会再向 {url} 发送任何内容。",
    ),
    # ledger and payments
    EventKind.BALANCE_CREDITED: (
        "您的余额增加了 {price}",
        "账户余额已充值 {price}，可用于支付订单。",
    ),
    EventKind.PAYMENT_FAILED: (
        "付款失败",
        "付款 {subject} 失败：{problem} 订单会保留到期限结束，请使用其他方式付款。",
    ),
    EventKind.RETURN_BOUNCED: (
        "退款未能原路退回",
        "退款 {subject} 的款项未能原路退回，已转入账户余额。",
    ),
    EventKind.RETURN_NEEDS_OPERATOR: (
        "支付渠道的一笔退款需要人工处理",
        "{subject} 的退款 {return} 需要人工查看：{problem}",
    ),
    EventKind.EXTERNAL_REFUND_FOUND: (
        "发现一笔不是由本服务发起的退款",
        "支付渠道存在退款 {subject}，但并非由本服务发起：{problem}",
    ),
    EventKind.RECOVERY_FOUND: (
        "恢复后发现：{subject}",
        "恢复后与支付渠道核对时发现 {subject} 有问题：{problem}",
    ),
    # refunds
    EventKind.GATEWAY_ACTIVE: (
        "网关已开始为 {domain} 提供服务",
        "{domain} 已指向网关 {subject}：访客从现在起通过 HTTPS 访问，并开始计量。",
    ),
    EventKind.GATEWAY_TAKEN_OVER: (
        "{domain} 现由另一个网关实例提供服务",
        "{domain} 的 DNS 已指定另一个网关实例，访客从现在起访问的是该实例的站点；{subject} 不再提供服务。如果这并非您的意愿，"
        "请检查谁能更改 {domain} 的 DNS，并将其 CNAME 设置为 {cname}：之后将重新由 {subject} 提供服务。",
    ),
    EventKind.GATEWAY_QUOTA_LOW: (
        "{domain} 的配额已使用 {percent}%",
        "网关 {subject}（{domain}）已使用 {included} GRCQ 中的 {used}。",
    ),
    EventKind.GATEWAY_QUOTA_EXHAUSTED: (
        "{domain} 的配额已用尽",
        "网关 {subject}（{domain}）已使用 {included} GRCQ 中的 {used}。访客现在看到的内容取决于其设置。",
    ),
    EventKind.GATEWAY_RESET: (
        "{domain} 的网关已重置",
        "{domain} 已从网关 {subject} 移除，不再提供服务。此前已消耗：{visits} 次访问和 {bytes_out} 字节。",
    ),
    EventKind.GATEWAY_EXPIRING: (
        "{domain} 的网关服务期将于 {term_ends_at} 结束",
        "网关 {subject}（{domain}）的服务期将于 {term_ends_at} 结束，剩余不超过 {days} 天；到期后不再提供服务。请在此"
        "之前另行购买实例并将 {domain} 指向它，或将域名指向别处。",
    ),
    EventKind.GATEWAY_EXPIRED: (
        "{domain} 的网关已到期",
        "网关 {subject}（{domain}）的服务期已结束：不再提供任何服务。",
    ),
    EventKind.GATEWAY_CERTIFICATE_ORDERED: (
        "正在为 {domain} 获取证书",
        "网关 {subject} 已按所有者的意愿为 {domain} 取得一张证书：{certificate}。签发后即投入使用。",
    ),
    EventKind.GATEWAY_CERTIFICATE_FAILED: (
        "未能为 {domain} 获取证书",
        "网关 {subject} 未能为 {domain} 获取证书：{reason} 若重试有用，系统会自动重试；其页面说明可以怎么做。",
    ),
    EventKind.GATEWAY_CERTIFICATE_RENEWED: (
        "{domain} 的证书已更新",
        "网关 {subject} 现在使用下一张证书 {certificate} 为 {domain} 提供服务，没有中断任何连接。",
    ),
    EventKind.GATEWAY_CERTIFICATE_ENDING: (
        "{domain} 的证书将于 {day} 到期",
        "网关 {subject} 为 {domain} 使用的证书将于 {day} 到期。若所有者允许，系统会提前七天从未使用的配额中取用下一张，请确认还有配额；"
        "否则请选择另一张证书或下单购买。",
    ),
    EventKind.REFUND_WINDOW_CLOSING: (
        "订单 {subject} 可在 {closes_at} 前退款",
        "订单 {subject}（{price}）还有未使用的配额。如不再需要，请在 {closes_at} 之前申请退款，逾期将无法退款。",
    ),
    EventKind.REFUND_REQUESTED: (
        "订单 {order} 已申请退款",
        "订单 {order} 的退款 {subject}（{price}）已申请，正在处理。",
    ),
    EventKind.REFUND_SUCCEEDED: (
        "订单 {order} 退款成功",
        "订单 {order} 的退款 {subject}（{price}）已成功。银行卡可能需要几天才能到账。",
    ),
    EventKind.REFUND_TO_BALANCE: (
        "订单 {order} 的退款已转入余额",
        "订单 {order} 的退款 {subject} 未能退回银行卡，款项已转入账户余额。",
    ),
    EventKind.REFUND_GIVEN_UP: (
        "订单 {order} 的退款已终止",
        "订单 {order} 的退款 {subject} 已终止，没有退回任何款项，订单保持原状。",
    ),
    EventKind.REFUND_PROPOSED: (
        "一笔 {price} 的人工退款等待复核",
        "订单 {order} 的退款 {subject}（{price}）已提出，等待另一人批准。",
    ),
    EventKind.PLAN_NEEDS_CUSTOMER: (
        "退款计划等待您的处理",
        "退款计划 {subject} 无法自动继续：{problem}",
    ),
    EventKind.PLAN_ENDED: (
        "退款计划已结束",
        "退款计划 {subject} 已结束，没有退款：{problem}",
    ),
}

ROLES = {"owner": "所有者", "member": "成员", "read_only": "只读成员"}
OPERATIONS = {
    "enable": "启用私有 CA",
    "reset": "重置根 CA",
    "renew": "续期私有 CA",
    "cross_sign": "由根 CA 交叉签名",
    "request": "向外部 CA 请求签发",
    "complete": "提交外部 CA 签发的证书",
    "one_person": "恢复为一人即可操作",
}

# What stands around the text of a letter.
LETTER = {
    "open": "查看详情",
    "for": "账户：",
    "operators": "运营人员",
    "why": "您可以在本账户的通知偏好中选择接收哪些邮件。",
}
